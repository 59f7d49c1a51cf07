"""Final decisions as signed statements, which anybody verifies without asking us: in-toto in a DSSE envelope."""
