"""What the app stores, for Django; a folder per sub-domain holds it."""

from incidents.imports.models import Imported, ImportedEvent
from incidents.incident.models import Category, Incident, Matrix
from incidents.incident.vocabulary import Priority

__all__ = ["Category", "Imported", "ImportedEvent", "Incident", "Matrix", "Priority"]
