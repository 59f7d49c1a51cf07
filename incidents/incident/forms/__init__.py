"""Shapes of what people type about incidents, by the pages that ask for it."""
