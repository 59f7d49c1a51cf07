"""Calendars as people keep them: hours of work, holidays, short days."""
