"""The REST door of objectives, indicators, measurements and budgets."""
