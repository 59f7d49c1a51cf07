"""What comes in from other systems, read with care: the pieces that every door shares, whatever it is about."""
