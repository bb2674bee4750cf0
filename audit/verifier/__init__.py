"""What goes into every bundle, so that it can be checked where nothing is installed."""
