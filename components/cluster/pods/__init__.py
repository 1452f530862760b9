"""Pods: their state, and why they are not ready."""
