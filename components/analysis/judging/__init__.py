"""What follows from the counts of a trial."""
