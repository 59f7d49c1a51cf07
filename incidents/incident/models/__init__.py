"""Incidents and what places them, as they are stored."""

from incidents.incident.models.alerting import AlertKey, AlertOrigin
from incidents.incident.models.incidents import GRAVE, LABELLED, NEVER, Incident, IncidentQuerySet
from incidents.incident.models.open_spans import GOES_ON, OpenSpan
from incidents.incident.models.placing import Category, Matrix

__all__ = [
    "GOES_ON",
    "GRAVE",
    "LABELLED",
    "NEVER",
    "AlertKey",
    "AlertOrigin",
    "Category",
    "Incident",
    "IncidentQuerySet",
    "Matrix",
    "OpenSpan",
]
