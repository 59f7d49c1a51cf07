"""Texts that other programs write."""
