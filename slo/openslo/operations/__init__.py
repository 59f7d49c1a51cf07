"""Applying what OpenSLO files declare."""

from slo.openslo.operations.apply import apply

__all__ = [
    "apply",
]
