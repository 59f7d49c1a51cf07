"""What waits for a second person, over REST."""
