"""What a list of incidents may be narrowed by: one grammar for the page, the API, views and rules."""

from incidents.incident.filters.incident_filter import IncidentFilter, register_term
from incidents.incident.filters.offered import offered_terms
from incidents.incident.filters.reading import Reading
from incidents.incident.filters.terms import GROUPS, SORTS, check, is_field, narrowed, terms_of, why_none

__all__ = [
    "GROUPS",
    "SORTS",
    "IncidentFilter",
    "Reading",
    "check",
    "is_field",
    "narrowed",
    "offered_terms",
    "register_term",
    "terms_of",
    "why_none",
]
