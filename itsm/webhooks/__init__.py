"""Telling other systems what happened here: endpoints, signed messages, their log."""
