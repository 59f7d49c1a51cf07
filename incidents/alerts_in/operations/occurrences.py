"""What was told becomes occurrences: one row for each fingerprint and start, by the table of `rules.refire`."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from incidents.alerts_in.formats import Told
from incidents.alerts_in.formats.told import ACKNOWLEDGED, FIRING
from incidents.alerts_in.models import AlertOccurrence, AlertSource
from incidents.alerts_in.operations import acknowledging, ending, opening, quieted, tallies
from incidents.alerts_in.queries import routes
from incidents.alerts_in.rules import refire
from incidents.alerts_in.rules.refire import Does
from incidents.alerts_in.vocabulary import Counted, OccurrenceStatus

CHUNK = 200  # alerts that are looked up together
_KEPT = [
    "ended_at", "seen_at", "times", "status", "annotations", "severity", "absent", "title", "links", "acknowledged_by",
]  # fmt: skip


class _Chunk:
    """What is known of the fingerprints of a few alerts, and what they do to it."""

    def __init__(self, source: AlertSource, told: Sequence[Told], at: datetime) -> None:
        self.source, self.at = source, at
        self.fresh: list[AlertOccurrence] = []
        self.changed: dict[int, AlertOccurrence] = {}
        self.begun: list[AlertOccurrence] = []  # fire anew, or again
        self.ended: list[AlertOccurrence] = []
        self.counts: dict[Counted, int] = {}
        self.routes = routes.held()
        self.routes.look_up(told, source)
        starts = {one.started_at for one in told if one.started_at is not None}
        known = AlertOccurrence.objects.select_for_update(of=("self",), no_key=True).filter(
            Q(ended_at=None) | Q(started_at__in=starts),
            source=source,
            fingerprint__in={one.fingerprint for one in told},
        )
        self.open: dict[str, AlertOccurrence] = {}
        self.by_start: dict[tuple[str, datetime], AlertOccurrence] = {}
        for one in known.order_by("pk"):
            self._know(one)

    def _know(self, one: AlertOccurrence) -> None:
        self.by_start[one.fingerprint, one.started_at] = one
        if one.ended_at is None:
            self.open[one.fingerprint] = one

    def take(self, told: Told) -> None:
        if told.state == ACKNOWLEDGED:
            if (held := self.open.get(told.fingerprint)) is not None and not held.acknowledged_by:
                held.acknowledged_by = told.who or self.source.name[:120]
                self._changes(held)
            return
        message = refire.said(
            fires=told.state == FIRING, started_at=told.started_at, ended_at=told.ended_at, received_at=self.at
        )
        held = self.open.get(told.fingerprint)
        same = self.by_start.get((told.fingerprint, message.start))
        known = refire.Known(held.started_at if held else None, same.ended_at if same else None)
        does = refire.decide(message, known, self.at)
        match does:
            case Does.OPENS | Does.RESTARTS:
                if held is not None:
                    self._ends(held, message.start)
                self._begins(told, message, None)
            case Does.KEPT_ENDED:
                self._begins(told, message, message.end)
            case Does.REFRESHES if held is not None:
                self._refreshes(held, told)
            case Does.ENDS if held is not None and message.end is not None:
                self._ends(held, message.end)
            case Does.REOPENS if same is not None:
                same.ended_at, same.status = None, OccurrenceStatus.FIRING
                self._refreshes(same, told)
                self.open[told.fingerprint] = same
                self.begun.append(same)
            case Does.LATE_PEER:
                self._counts(Counted.LATE_PEER)
            case _:
                self._counts(Counted.REPEATED)

    def _begins(self, told: Told, message: refire.Said, end: datetime | None) -> None:
        routed = self.routes.of(told, self.source)
        if routed.drops:
            self._counts(Counted.DROPPED)
            return
        start = min(message.start, end) if end is not None else message.start
        one = AlertOccurrence(
            source=self.source, fingerprint=told.fingerprint, started_at=start, ended_at=end, seen_at=self.at,
            received_at=self.at, title=told.title, labels=dict(told.labels), annotations=dict(told.annotations),
            links=list(told.links), severity=told.severity, service=routed.service, environment=routed.environment,
            routed_by=routed.by[:200], priority=routed.priority, policy=routed.policy, settle=routed.settle,
            clock_doubt=message.doubt and told.started_at is not None,
            status=OccurrenceStatus.FIRING if end is None else OccurrenceStatus.ENDED,
            group_key=group_key(self.source, told, routed),
        )  # fmt: skip
        one.routed = routed  # type: ignore[attr-defined]
        if (one.fingerprint, one.started_at) in self.by_start:
            self._counts(Counted.REPEATED)
            return
        self.fresh.append(one)
        self._know(one)
        if end is None:
            self.begun.append(one)

    def _refreshes(self, one: AlertOccurrence, told: Told) -> None:
        one.seen_at, one.times, one.absent = self.at, one.times + 1, 0
        one.annotations, one.severity, one.title = dict(told.annotations), told.severity, told.title
        one.links = list(told.links)
        if one.status == OccurrenceStatus.STALE:
            one.status = OccurrenceStatus.FIRING
        self._changes(one)

    def _ends(self, one: AlertOccurrence, end: datetime) -> None:
        one.ended_at, one.status = max(end, one.started_at), OccurrenceStatus.ENDED
        self.open.pop(one.fingerprint, None)
        self.ended.append(one)
        if one in self.begun:
            self.begun.remove(one)
        self._changes(one)

    def _changes(self, one: AlertOccurrence) -> None:
        if one.pk is not None:
            self.changed[one.pk] = one

    def _counts(self, what: Counted) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def store(self) -> None:
        AlertOccurrence.objects.bulk_update(self.changed.values(), _KEPT)
        AlertOccurrence.objects.bulk_create(self.fresh)
        tallies.add(self.source, self.counts, at=self.at)


def take(source: AlertSource, told: Sequence[Told], *, at: datetime) -> None:
    """Apply these alerts as received `at`, in the caller's transaction: occurrences, and incidents of what fires anew.

    Raises nothing that the caller could mend.
    """
    chunk = _Chunk(source, told, at)
    for one in told:
        chunk.take(one)
    chunk.store()
    loud = quieted.without_quieted(chunk.begun, at=at)
    opening.open_for(loud, at=at)
    ending.follow_ended(chunk.ended, at=at)
    acknowledging.follow([one for one in chunk.changed.values() if one.acknowledged_by], source, told)


def group_key(source: AlertSource, told: Told, routed: "routes.Way") -> str:
    """Alerts of one incident: of one source, service and environment, alike in the labels that the source groups by."""
    parts = [source.slug, str(routed.service.pk if routed.service else 0), routed.environment]
    parts += [f"{name}={told.labels.get(name, '')}" for name in source.group_by]
    if not any(told.labels.get(name) for name in source.group_by):  # nothing to group by: each by itself
        parts.append(told.fingerprint)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
