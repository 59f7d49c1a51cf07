"""The calendar beyond this house: feeds that other programs subscribe to, and calendars of others that are read."""
