"""Which incidents are somebody's turn, in the order in which they should be taken up."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from django.db.models import Exists, OuterRef, Q

from incidents.incident import queries as incidents
from incidents.incident.models import GRAVE, NEVER, Incident
from incidents.next_up.vocabulary import Band
from itsm.accounts.queues import rights_in_queues
from itsm.clocks import thresholds
from itsm.clocks.models import Clock
from itsm.kernel.actors import Actor

MOST = 200
_WARNINGS = [name for name in thresholds.NAMES if name.startswith("warn_")]


@dataclass(frozen=True, slots=True)
class Turn:
    """An incident with the band that it lies in."""

    incident: Incident
    band: Band


def turns(actor: Actor, now: datetime, zone: tzinfo) -> list[Turn]:
    """What is assigned to the actor, and what nobody has taken in the queues that they work in: at most 200, by band,
    then by what is due first. `zone` says when today ends."""
    whose = actor.whose_work
    mine = Q(assigned_to=whose) if whose is not None else Q(pk__in=())
    free = Q(assigned_to=None, team__in=sorted(rights_in_queues(actor).change))
    warned = Clock.objects.filter(
        record_kind=Incident.kind, record_id=OuterRef("pk"), state=Clock.State.RUNNING, told__overlap=_WARNINGS
    )
    rows = incidents.for_list(actor).still_open().filter(mine | free)  # type: ignore[attr-defined]
    rows = rows.annotate(warned=Exists(warned)).order_by("next_due", "priority", "id")
    # Grave ones first: no number of others that are due sooner may crowd them out.
    found = {row.pk: row for part in (rows.filter(GRAVE), rows) for row in part[:MOST]}
    tonight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    ranked = [Turn(row, band_of(row, now, tonight)) for row in found.values()]
    return sorted(ranked, key=_place)[:MOST]


def band_of(row: Incident, now: datetime, tonight: datetime) -> Band:
    """Where an incident belongs; `row.warned`: a clock of it has warned."""
    if row.is_grave:
        return Band.GRAVE
    if row.next_due <= now:
        return Band.BREACHED
    if getattr(row, "warned", False):
        return Band.WARNED
    if row.caller_waits:
        return Band.CALLER_SPOKE
    if row.next_due < min(tonight, NEVER):
        return Band.DUE_TODAY
    return Band.REST


def _place(turn: Turn) -> tuple[int, datetime, int, int]:
    row = turn.incident
    return turn.band, row.next_due, row.priority, row.pk
