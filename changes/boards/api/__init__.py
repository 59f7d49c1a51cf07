"""Boards, meetings and votes over REST."""
