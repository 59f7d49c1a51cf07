"""One index over every kind of record; apps register what they offer."""
