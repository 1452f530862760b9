"""Resources judged by rules: how strictly, with which options, and what is let through."""
