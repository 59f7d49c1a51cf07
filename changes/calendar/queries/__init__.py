"""Reading the change calendar: what is when, for whom, and where a change would fit."""
