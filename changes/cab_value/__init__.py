"""What people's deciding about changes is worth: how often fails what they let go, and what went by itself."""
