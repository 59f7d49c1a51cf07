"""Reads of the portal, composed from what each reader may see below."""
