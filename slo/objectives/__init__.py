"""Objectives: what is promised, its error budget, burn alerts, corrections, outages, forecast."""
