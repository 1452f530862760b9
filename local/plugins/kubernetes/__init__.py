"""Stand-in for the official Kubernetes provider, for any kind of object an API server has."""
