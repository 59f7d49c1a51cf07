"""What the app stores, for Django; a folder per sub-domain holds it."""

from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority

__all__ = ["Incident", "Priority"]
