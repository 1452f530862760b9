"""Releases that ran or were tried, and what became of them."""
