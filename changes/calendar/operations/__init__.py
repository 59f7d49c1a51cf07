"""Every write about the change calendar."""
