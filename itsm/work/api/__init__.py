"""What belongs to records of any kind, over REST."""
