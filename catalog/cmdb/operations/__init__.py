"""Every write to configuration items, their classes and relations."""
