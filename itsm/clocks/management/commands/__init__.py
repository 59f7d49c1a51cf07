"""Commands about clocks."""
