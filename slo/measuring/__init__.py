"""Measuring: sources, indicators, who measures, and the samples they bring."""
