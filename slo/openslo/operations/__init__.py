"""Applying what OpenSLO files declare."""

from slo.openslo.operations.apply import declare

__all__ = [
    "declare",
]
