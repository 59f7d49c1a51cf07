"""Assignment rules: who gets new work, in which queue, and why."""
