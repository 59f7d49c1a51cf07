"""Every write to second factors, their rules, and the sealed administrator."""
