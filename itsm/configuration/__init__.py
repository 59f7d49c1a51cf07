"""What an administrator may set without a restart: the known settings, their values, and how they are read."""
