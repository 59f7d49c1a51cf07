"""Delivery: what went out, as platforms and the gate tell it; each production deployment has one authorisation."""
