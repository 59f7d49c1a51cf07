"""What to take up next, and why: the open work of one person in bands of urgency."""
