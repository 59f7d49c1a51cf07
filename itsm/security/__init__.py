"""Security: what of this installation is open or weak, each with its remedy; and what was verified of it (ASVS)."""
