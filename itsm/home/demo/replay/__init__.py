"""Real releases of a real product, asked through REST as its pipeline would have asked, at their own instants."""
