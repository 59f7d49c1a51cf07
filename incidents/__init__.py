"""What went wrong: incidents. The exemplary room, to be copied by others."""
