"""One trial of a canary, from its checks to its end."""
