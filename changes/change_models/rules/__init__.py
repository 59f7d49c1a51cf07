"""Rules of change models: pure."""
