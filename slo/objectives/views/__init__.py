"""Pages of objectives and their budgets."""
