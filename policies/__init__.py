"""Rules about resources, checked in review and at every `up`."""
