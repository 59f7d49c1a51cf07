"""Boards: named people who decide about changes together, by votes, and in meetings where votes settle nothing."""
