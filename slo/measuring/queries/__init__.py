"""Reads about sources, indicators and samples."""
