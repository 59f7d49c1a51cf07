"""Migrations of the settings as a release to come may have them: each kind that is let through, and one that fails."""
