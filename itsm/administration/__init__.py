"""Where an administrator sets what Headroom may reach and whom it trusts."""
