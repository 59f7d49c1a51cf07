"""Feeds of the calendar, and calendars of others."""
