"""What is said to many at once: news, and maintenance to come. Doors are in `itsm.portal`."""
