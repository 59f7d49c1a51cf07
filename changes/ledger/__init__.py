"""The ledger: what each change cost of the error budgets of the services that it changed, to the last failed event."""
