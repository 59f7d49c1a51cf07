"""Pages of alerts: what fires, what could not be read, where it comes from, whose it is, what is kept quiet."""
