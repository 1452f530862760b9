"""What came of the rules, kept and shown."""
