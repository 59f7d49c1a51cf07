"""How platforms are spoken to: their addresses, ways to sign in and words. No database, one guarded way out."""
