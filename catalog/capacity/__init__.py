"""Capacity: what a thing has left, when it runs out, and a word ahead of that."""
