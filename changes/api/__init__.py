"""The changes' REST door."""
