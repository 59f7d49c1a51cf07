"""Migrations under load: what they may do (`rules`), by what (`operations`), and how they are applied (`applying`)."""
