"""Environments: a short register of where software runs, and which of them the gate treats as production."""
