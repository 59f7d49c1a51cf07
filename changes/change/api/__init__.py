"""Changes and gate evaluations in REST."""
