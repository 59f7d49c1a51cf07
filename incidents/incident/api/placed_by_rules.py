"""What assignment rules need to know of incidents: the list's own filter, and how one is opened from typed values."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from incidents.incident import operations, queries
from incidents.incident.api.serializers import NewIncident
from incidents.incident.filters import Reading, narrowed, offered_terms, terms_of
from incidents.incident.filters.terms import FIELDS
from incidents.incident.models import Incident
from incidents.incident.operations import routing
from itsm.assignment.kinds import RULES, Kind
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work.grammar import Term

_OF_LATE = timedelta(days=90)


def _narrowed(rows: QuerySet[Any], terms: Iterable[Term], actor: Actor) -> QuerySet[Any]:
    """The list's own conditions. Rules see all there is, and read dates in the zone of the desk."""
    zone = timezone.get_default_timezone() if actor is RULES else timezone.get_current_timezone()
    staff = actor is RULES or Reading.by(actor).staff
    return narrowed(rows, terms, Reading(actor, timezone.now(), zone, staff))


def _recent(actor: Actor) -> QuerySet[Incident]:
    return queries.listed(actor).filter(opened_at__gte=timezone.now() - _OF_LATE)


def _opened(values: Mapping[str, Any], actor: Actor) -> Incident:
    given = NewIncident(data=dict(values), context={"view": SimpleNamespace(actor=actor)})
    if not given.is_valid():
        wrong = {str(name): [str(one) for one in said] for name, said in given.errors.items()}
        raise InvalidInput("; ".join(f"{name}: {' '.join(said)}" for name, said in wrong.items()), wrong)
    return operations.open_prefilled(actor=actor, **given.validated_data)


def _label(field: str) -> str:
    return str(FIELDS.get(field, field)).lower()


KIND = Kind(
    model=Incident,
    terms_of=terms_of,
    narrowed=_narrowed,
    label=_label,
    blank_team=routing.nobody_chose_its_queue,
    is_open=lambda incident: bool(incident.is_open),
    open_work=routing.open_work,
    recent=_recent,
    opened=_opened,
    offered=offered_terms,
)
