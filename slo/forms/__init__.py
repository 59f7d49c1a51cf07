"""Shapes of what people type about objectives, indicators and data sources. Shares are typed in percent."""
