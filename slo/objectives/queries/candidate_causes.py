"""What may have caused an outage. Apps above say what they know by `register_source`; this app knows incidents."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from catalog.services.queries import providers_of
from incidents.incident.queries import open_between
from slo.engine.attribution import BEFORE, CandidateCause, Reason, RecordType
from slo.objectives.models import Objective

_MAX_ROWS = 100

SENTENCES = {
    Reason.SAME_SERVICE: _("on this service"),
    Reason.DEPENDENCY: _("on something that this service depends on"),
    Reason.JUST_BEFORE: _("began within the half hour before"),
    Reason.BEFORE: _("began shortly before"),
    Reason.DURING: _("began while it burnt"),
    Reason.WENT_WRONG: _("went wrong"),
    Reason.MAJOR: _("a major incident"),
    Reason.OPENED_BY_THIS_BURN: _("opened by this burn: its sign rather than its cause"),
}

# The objective, the services in question, and from when to when.
Source = Callable[[Objective, set[int], datetime, datetime], Iterable[CandidateCause]]
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Add a source of candidate causes, once, at start."""
    _sources.append(source)


def candidate_causes(objective: Objective, first: datetime, last: datetime) -> list[CandidateCause]:
    """Everything on the service, or on what it depends on, that may have to do with [first, last)."""
    services = {objective.service_id, *providers_of(objective.service_id)}
    return [one for source in (_incidents, *_sources) for one in source(objective, services, first, last)]


def _incidents(objective: Objective, services: set[int], first: datetime, last: datetime) -> Iterable[CandidateCause]:
    for one in open_between(services, first - BEFORE, last)[:_MAX_ROWS]:
        yield CandidateCause(
            reference=one.reference,
            title=one.title,
            url=one.get_absolute_url(),
            record_type=RecordType.INCIDENT,
            began_at=one.opened_at,
            ended_at=one.resolved_at,
            on_the_service=one.service_id == objective.service_id,
            major=one.major,
            opened_by_this_burn=(one.source_key or "").startswith(f"burn:{objective.pk}:"),
        )
