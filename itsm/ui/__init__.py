"""How the platform speaks to people: pages, parts, refusals, time zones, our own css and js."""
