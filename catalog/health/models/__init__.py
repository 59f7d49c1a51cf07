"""What health stores."""

from catalog.health.models.findings import Examined, Finding, HealthDay
from catalog.health.models.rounds import Round, RoundLine

__all__ = ["Examined", "Finding", "HealthDay", "Round", "RoundLine"]
