"""The catalog's REST door."""
