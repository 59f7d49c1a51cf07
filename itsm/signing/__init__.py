"""What this desk signs, so that others can tell it from what anybody wrote: decisions, and the heads of its history."""
