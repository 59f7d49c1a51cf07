"""The reports' REST door."""
