"""Postmortems: what an outage taught, without blame: factors instead of a root cause, and actions done to the end."""
