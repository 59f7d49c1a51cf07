"""Objectives, corrections and outages in REST."""
