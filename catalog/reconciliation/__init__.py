"""Reconciliation: what sources say of configuration items is kept; what is true of them is worked out from it."""
