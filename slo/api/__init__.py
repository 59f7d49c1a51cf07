"""The SLO app's REST door."""
