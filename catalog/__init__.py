"""What we run: services, who owns them, what they depend on."""
