"""Every write about feeds and calendars of others."""
