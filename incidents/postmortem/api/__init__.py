"""Postmortems over REST."""
