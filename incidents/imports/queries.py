"""Reads of what was brought in."""

from django.utils.translation import gettext

from incidents.imports.models import Imported, ImportedEvent
from incidents.imports.vocabulary import FIELDS_THERE
from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.queries import by_reference
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound

MOST = 500


def origin(actor: Actor, reference: str) -> tuple[Incident, Imported]:
    """An imported incident that the actor reads all of, and where it came from. Raises NotFound."""
    incident = by_reference(actor, reference)
    found = Imported.objects.filter(incident=incident).first() if permissions.readers(actor, incident) else None
    if found is None:
        raise NotFound(
            gettext("There is no imported incident %(text)s, or you may not see it.") % {"text": reference[:20]}
        )
    return incident, found


def history_there(incident: Incident) -> list[ImportedEvent]:
    """What happened to it at the other desk, the newest first; `said`: each change by what people call its field."""
    found = list(ImportedEvent.objects.filter(incident=incident).order_by("-place")[:MOST])
    for one in found:
        one.said = [(FIELDS_THERE.get(name, name), pair) for name, pair in one.changes.items()]  # type: ignore[attr-defined]
    return found
