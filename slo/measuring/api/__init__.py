"""Sources, indicators and samples in REST."""
