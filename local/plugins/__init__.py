"""Stand-in provider plugins, used only where the official ones cannot be installed."""
