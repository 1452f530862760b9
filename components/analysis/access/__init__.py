"""How Prometheus is reached."""
