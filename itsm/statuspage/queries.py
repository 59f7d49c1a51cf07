"""Reads for who publishes: pages, what stands open, what should perhaps be said."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from catalog.services.queries.states import troubled
from catalog.services.vocabulary import ServiceState
from changes.change.queries.listing import by_reference as change_called
from incidents.incident.queries import by_reference as incident_called
from incidents.major.queries.timeline_sources import Happened
from incidents.major.vocabulary import Source
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import reference
from itsm.statuspage.history import Span, state_at
from itsm.statuspage.models import Component, ComponentSpan, Maintenance, PublicIncident, PublicUpdate, StatusPage
from itsm.statuspage.permissions import readers
from itsm.statuspage.vocabulary import TONES, State

_MOST_TOLD = 200


def pages(actor: Actor) -> QuerySet[StatusPage]:
    """Every page, those that were taken off last; none for who does not work here."""
    return StatusPage.objects.order_by("retired_at", "name", "pk") if readers(actor) else StatusPage.objects.none()


def page_called(actor: Actor, slug: str) -> StatusPage:
    """Raises NotFound."""
    found = pages(actor).filter(slug=slug).first()
    if found is None:
        raise NotFound(gettext("There is no status page %(slug)s.") % {"slug": slug[:63]})
    return found


def components(actor: Actor) -> QuerySet[Component]:
    """Every component that is shown, in the order of its page."""
    found = (
        Component.objects.filter(retired_at=None).select_related("page", "service").order_by("page", "position", "pk")
    )
    return found if readers(actor) else found.none()


def incidents(actor: Actor) -> QuerySet[PublicIncident]:
    """What the public was told of incidents, the newest first."""
    found = PublicIncident.objects.select_related("page").order_by("-started_at", "-pk")
    return found if readers(actor) else found.none()


def maintenance(actor: Actor) -> QuerySet[Maintenance]:
    """What the public was told of planned work, the latest first."""
    found = Maintenance.objects.select_related("page").order_by("-starts_at", "-pk")
    return found if readers(actor) else found.none()


def updates(actor: Actor) -> QuerySet[PublicUpdate]:
    """Everything that was said, the newest first."""
    found = PublicUpdate.objects.select_related("incident__page", "maintenance__page", "withdrawn", "by")
    return found.order_by("-at", "-pk") if readers(actor) else found.none()


def about(actor: Actor, reference: str) -> tuple[list[PublicIncident], list[Maintenance]]:
    """What the public was told about this record."""
    if not reference or not readers(actor):
        return [], []
    return list(incidents(actor).filter(internal=reference)), list(maintenance(actor).filter(internal=reference))


def internal_for(actor: Actor, notice: PublicIncident | Maintenance) -> str:
    """The record behind a notice, "" for none, and where the actor may not see it."""
    if not notice.internal:
        return ""
    try:
        if isinstance(notice, PublicIncident):
            return str(incident_called(actor, notice.internal).reference)
        return str(change_called(actor, notice.internal).reference)
    except NotFound:
        return ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A component as it is shown now. `by_hand`: somebody said so; `suggested`: its service says otherwise."""

    component: Component
    state: str
    by_hand: bool
    suggested: str

    @property
    def label(self) -> str:
        """The state in words."""
        return str(State(self.state).label)

    @property
    def tone(self) -> str:
        """Its colour."""
        return TONES[State(self.state)]

    @property
    def suggested_label(self) -> str:
        """What should perhaps be said, in words."""
        return str(State(self.suggested).label) if self.suggested else ""


_SUGGESTED = {ServiceState.DOWN: State.MAJOR, ServiceState.DEGRADED: State.DEGRADED}


def standings(page: StatusPage, at: datetime) -> list[Standing]:
    """Each component with its state, and what the state of its service suggests where nothing is said: nothing is
    published by itself. The queries of the states, and two more."""
    rows = list(Component.objects.filter(page=page, retired_at=None).select_related("service"))
    spans: dict[int, list[Span]] = {row.pk: [] for row in rows}
    for span in ComponentSpan.objects.filter(component__in=rows, ended_at=None):
        spans[span.component_id].append(Span(span.state, span.began_at, None, span.is_by_hand))
    felt = troubled(at) if any(row.service_id for row in rows) else {}
    return [_standing(row, spans[row.pk], felt.get(row.service_id or 0), at) for row in rows]


def _standing(row: Component, spans: Sequence[Span], felt: ServiceState | None, at: datetime) -> Standing:
    state = state_at(spans, at)
    suggested = _SUGGESTED.get(felt) if felt is not None and not spans else None
    return Standing(row, state, any(one.by_hand for one in spans), suggested.value if suggested else "")


def subscriber_count(page: StatusPage) -> int:
    """How many addresses are told: who they are is shown to nobody."""
    return page.subscribers.filter(confirmed_at__isnull=False).count()


def states_of(incident: PublicIncident) -> dict[int, str]:
    """Component id -> how it suffers by this incident now."""
    return dict(incident.spans.filter(ended_at=None).values_list("component_id", "state"))


def with_counts(found: QuerySet[StatusPage]) -> QuerySet[StatusPage]:
    """With `told`: how many confirmed subscribers."""
    return found.annotate(told=Count("subscribers", filter=Q(subscribers__confirmed_at__isnull=False)))


def told_around(incident_ids: Collection[int]) -> Iterator[Happened]:
    """What the public was told of these incidents and still reads, for the timelines of war rooms. One query."""
    references = [reference("INC", number) for number in incident_ids]
    rows = PublicUpdate.objects.filter(incident__internal__in=references, withdrawn=None).select_related(
        "incident", "by"
    )
    for one in rows.order_by("-pk")[:_MOST_TOLD]:
        said = f"{one.label}: {one.body}"
        where = one.incident.get_absolute_url() if one.incident else ""
        yield Happened(f"public:{one.pk}", one.at, said, Source.PUBLIC, str(one.by or ""), where)
