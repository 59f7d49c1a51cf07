"""Major incidents: who leads, what is said when, and what happened, from the proposal to the conclusion."""
