"""Services: what we run, who owns it, what it depends on."""
