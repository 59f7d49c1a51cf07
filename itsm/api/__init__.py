"""How the platform speaks REST: strict in, problems out, versions, cursors, idempotency."""
