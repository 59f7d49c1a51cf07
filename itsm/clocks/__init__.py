"""What is due: promises with an instant, and clocks made of events."""
