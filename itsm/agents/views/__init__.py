"""Pages of software agents: people's own, and what administrators see of all."""
