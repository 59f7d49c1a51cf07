"""What macros and templates take of incidents, with values read as REST reads them."""

from incidents.incident import queries as incidents
from incidents.incident.models import Incident
from incidents.macros.api.prefill import prefill
from incidents.macros.queries import choices
from itsm.macros.owners import Owner

OWNER = Owner(
    label=Incident._meta.verbose_name,
    find=incidents.by_reference,
    queue_of=lambda incident: int(incident.team_id),
    choices=choices,
    prefill=prefill,
)
