"""People, teams, roles, tokens, and signing in."""
