"""Web push (RFC 8030, 8291, 8292): news on devices whose owner asked for them, also where the screen is locked."""
