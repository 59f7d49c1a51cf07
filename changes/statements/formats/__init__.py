"""DSSE envelopes and in-toto statements, as they are sent. Pure."""
