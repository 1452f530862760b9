"""Results of the rules: stored by results.py, grouped by report.py, printed in several formats."""
