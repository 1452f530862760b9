"""What rules read resources with: pods, the cluster, commands, and the texts of other programs."""
