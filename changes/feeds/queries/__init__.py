"""What a feed shows, and which feeds and calendars somebody may see."""
