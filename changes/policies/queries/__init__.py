"""Reads of policies: what rules, the versions and their lives."""

from changes.policies.queries.versions import (
    content_hash,
    in_force,
    next_number,
    parsed,
    ruling,
    ruling_by,
    visible_policies,
)

__all__ = ["content_hash", "in_force", "next_number", "parsed", "ruling", "ruling_by", "visible_policies"]
