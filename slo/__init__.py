"""Service levels: what was measured, what it cost the error budget, what is left."""
