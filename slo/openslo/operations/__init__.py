"""Applying what OpenSLO files declare."""

from slo.openslo.operations.applying import apply

__all__ = [
    "apply",
]
