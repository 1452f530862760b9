"""Reusable components that take a Go service from source to production."""
