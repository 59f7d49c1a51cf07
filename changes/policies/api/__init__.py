"""Policies over REST: their life, and their versions."""

from changes.policies.api.lives import PolicyViewSet
from changes.policies.api.versions import PolicyVersionViewSet

__all__ = ["PolicyVersionViewSet", "PolicyViewSet"]
