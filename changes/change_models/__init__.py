"""Change models: standard changes that were approved once."""
