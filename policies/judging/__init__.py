"""Runs rules on resources, with their levels, options and exemptions."""
