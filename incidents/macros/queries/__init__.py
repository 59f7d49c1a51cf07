"""What macros and templates know of incidents."""

from incidents.incident import queries as incidents
from incidents.incident.models import Incident
from incidents.macros.queries.offered import choices
from incidents.macros.queries.prefill import prefill
from incidents.macros.queries.values import placeholder_values
from itsm.macros.owners import Owner

__all__ = ["OWNER", "choices", "placeholder_values", "prefill"]

OWNER = Owner(
    label=Incident._meta.verbose_name,
    find=incidents.by_reference,
    queue_of=lambda incident: int(incident.team_id),
    choices=choices,
    prefill=prefill,
)
