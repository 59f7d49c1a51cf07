"""Shapes of what people type about indicators and data sources."""
