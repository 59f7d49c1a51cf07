"""Pages of people, teams and one's own account."""
