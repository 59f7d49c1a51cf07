"""Pages of who speaks to the public, and of who keeps what it reads."""
