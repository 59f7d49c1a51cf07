"""Who is on call: schedules of layers, overrides, swaps and time off. Knows no incident, service or alert."""
