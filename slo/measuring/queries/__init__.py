"""Reads about sources, indicators and samples."""

from slo.measuring.queries.listing import indicators, sources

__all__ = ["indicators", "sources"]
