"""Shapes of what people type about objectives. Shares are typed in percent."""
