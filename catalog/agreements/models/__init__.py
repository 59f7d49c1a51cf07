"""Agreements and offerings as they are stored."""

from catalog.agreements.models.agreements import (
    CHANNELS,
    HOLD_REASONS,
    METRIC_WORDS,
    METRICS,
    TOLD,
    Agreement,
    AgreementVersion,
)
from catalog.agreements.models.offerings import Offering

__all__ = [
    "CHANNELS",
    "HOLD_REASONS",
    "METRICS",
    "METRIC_WORDS",
    "TOLD",
    "Agreement",
    "AgreementVersion",
    "Offering",
]
