"""What a quiet would have hidden: the same rule that holds alerts, over those of the last seven days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.alerts_in.models import AlertOccurrence
from incidents.alerts_in.queries import stream
from incidents.alerts_in.queries.stream import incidents_seen
from incidents.alerts_in.rules.quieting import Hush
from itsm.kernel.actors import Actor

BACK = timedelta(days=7)
MOST = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """`alerts`: newest first, at most 500 of `count`; `of_incidents`: how many of all were in an incident that the
    reader sees, `seen` those incidents."""

    hush: Hush
    since: datetime
    alerts: list[AlertOccurrence]
    count: int
    of_incidents: int
    seen: frozenset[int]


def hidden(actor: Actor, services: Collection[int], environment: str, *, at: datetime) -> Preview:
    """What a quiet for these would have kept from people in the seven days before `at`. Two queries."""
    hush = Hush(frozenset(services), environment)
    began = stream.alerts(actor).filter(service__in=sorted(services), started_at__gte=at - BACK, started_at__lte=at)
    rows = began.order_by("-started_at", "-id")
    found = [one for one in rows[:20_000] if hush.covers(one.service_id, one.environment, one.labels)]
    seen = frozenset(incidents_seen(actor, found))
    return Preview(hush, at - BACK, found[:MOST], len(found), sum(one.incident_id in seen for one in found), seen)
