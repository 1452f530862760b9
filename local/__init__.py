"""The embedded default: everything the program needs, on one Linux machine (`make up`)."""
