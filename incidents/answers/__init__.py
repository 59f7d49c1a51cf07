"""Answers from knowledge on incidents: offered, sent to the caller, noted for the team; new ones made from them."""
