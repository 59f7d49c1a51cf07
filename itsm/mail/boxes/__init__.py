"""Mailboxes and undeliverable addresses, as people and programs keep them."""
