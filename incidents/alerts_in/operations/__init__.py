"""Every write to alerts: bodies are kept and applied, occurrences begin and end, incidents are opened of them."""
