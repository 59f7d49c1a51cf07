"""Settings, how people come in."""
