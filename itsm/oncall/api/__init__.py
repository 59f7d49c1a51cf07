"""On-call over REST."""
