"""Every write about boards and their meetings."""
