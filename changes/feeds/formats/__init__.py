"""ICS (RFC 5545), written and read."""
