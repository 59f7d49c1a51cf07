"""The incidents' REST door."""
