"""Syncs of directories: read by who reads providers, asked for by who keeps them."""

from itsm.identity.permissions import keepers, readers

__all__ = ["keepers", "readers"]
