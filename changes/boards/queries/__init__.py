"""Reads of boards: who may vote, which board is asked, what is on an agenda."""
