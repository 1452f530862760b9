"""What pods have answered, from the counters in Prometheus."""
