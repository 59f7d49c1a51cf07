"""Configuration items."""
