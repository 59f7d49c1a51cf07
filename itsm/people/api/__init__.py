"""The REST door to people, teams and locked sign-ins."""
