"""Pages of objectives: the fleet, one objective, its terms, and what other pages load."""
