"""Pulling measurements from data sources: from where the last pull ended, with a few minutes of overlap.

What a source does not say is not invented: a minute without all its figures stays a gap. While the
source is away nothing is written but the error, and the budgets go to no_data by themselves. Questions
are asked on a few threads at once; what comes back is written together, in one transaction a round.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.batches import batched
from itsm.kernel.errors import NotPermitted
from itsm.notifications.credentials import credentials_of
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from slo import policies
from slo.adapters.prometheus import Fetched, Server, Unusable, chunks, range_query
from slo.engine.samples import Refusal, Sample, Value, epoch_minute, instant_of
from slo.engine.windows import MINUTES_PER_DAY
from slo.models import DataSource, Indicator
from slo.operations.odd_samples import note_impossible, note_values
from slo.operations.pull_notes import note_pull
from slo.operations.samples import record_many, sifted_for
from slo.operations.sources import note_answer

OVERLAP_MINUTES = 5
USUAL_WINDOW_DAYS = 28
AT_ONCE = 8
A_ROUND = 64

_FAULTS = (OutgoingFailed, OutgoingRefused, Unusable)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one question for one indicator brought: samples, or why there are none."""

    indicator: Indicator
    first: int
    end: int
    samples: Sequence[Sample | Value]
    warnings: Sequence[str] = ()
    error: str = ""
    is_unreachable: bool = False


def pull_source(source: DataSource, *, actor: Actor, at: datetime, only: Sequence[Indicator] | None = None) -> int:
    """Fetch the closed minutes up to `at` of the source's indicators (or of these); at first, their whole windows.

    Returns how many samples stand. Never raises for the source's faults: they are kept with the source
    and the indicators, and the next pull goes on from the last minute that was recorded. Who comes
    while another pulls the same source leaves it to that one.
    """
    if not policies.senders(actor):
        raise NotPermitted(gettext("%(actor_name)s may not pull measurements.") % {"actor_name": actor.name})
    indicators = list(source.indicators.order_by("pk")) if only is None else list(only)
    with _alone_with(source) as is_mine:
        if not is_mine or not indicators:
            return 0
        try:
            server = Server(
                source.url,
                credentials_of(source.auth, source.credential, source.username),  # type: ignore[arg-type]
                {source.tenant_header: source.tenant} if source.tenant_header else {},
            )
        except OutgoingRefused as error:
            _give_up(source, indicators, str(error), at)
            return 0
        return _pull_all(source, server, indicators, at)


def _pull_all(source: DataSource, server: Server, indicators: Sequence[Indicator], at: datetime) -> int:
    end, recorded, answered = epoch_minute(at) - source.lag_minutes, 0, False
    longest = _longest_windows(indicators)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pull") as threads:
        for some in batched(indicators, A_ROUND):
            plans = [
                [(one, *piece) for piece in chunks(_first_minute(one, end, longest), end, one.step_minutes)]
                for one in some
            ]
            for places in zip_longest(*plans):
                found = list(threads.map(lambda place: _fetched(server, *place), [one for one in places if one]))
                recorded += _keep(found, at)
                answered = answered or not all(one.is_unreachable for one in found)
                if not answered:  # nobody answers: the others need not wait for the same silence
                    _give_up(source, indicators, found[0].error, at)
                    return recorded
    note_answer(source, at=at)
    return recorded


def _fetched(server: Server, indicator: Indicator, first: int, end: int) -> Pulled:
    """Asks, and touches no database: it runs on a thread of its own."""
    try:
        asked = {
            name: range_query(server, query, first, end, step_minutes=indicator.step_minutes, counter=indicator.counter)
            for name in ("good_query", "bad_query", "total_query", "value_query")
            if (query := getattr(indicator, name))
        }
    except _FAULTS as error:
        return Pulled(indicator, first, end, (), error=str(error), is_unreachable=isinstance(error, OutgoingFailed))
    warnings = list(dict.fromkeys(remark for one in asked.values() for remark in (*one.warnings, *one.infos)))
    if "bad_query" in asked and asked["total_query"].values and not asked["bad_query"].values:
        warnings.append(
            gettext("There are events, but no series of bad ones: add `or vector(0)` to that query if this means none.")
        )
    if any(one.is_partial for one in asked.values()):
        partial = gettext("The source warns of partial data, so nothing of it was counted.")
        return Pulled(indicator, first, end, (), warnings, error=partial)
    return Pulled(indicator, first, end, _samples(asked), warnings)


def _samples(asked: Mapping[str, Fetched]) -> list[Sample | Value]:
    if "value_query" in asked:
        return [Value(instant_of(minute), value) for minute, value in sorted(asked["value_query"].values.items())]
    total = asked["total_query"].values
    part = asked["good_query" if "good_query" in asked else "bad_query"].values
    both = sorted(part.keys() & total.keys())
    if "good_query" in asked:
        return [Sample(instant_of(minute), part[minute], total[minute]) for minute in both]
    return [Sample(instant_of(minute), total[minute] - _bad(part[minute]), total[minute]) for minute in both]


def _bad(events: Decimal) -> Decimal:
    """Fewer than none would make more good events than events."""
    return max(events, Decimal(0))


def _keep(found: Sequence[Pulled], at: datetime) -> int:
    """Record everything that came, together; then note for each indicator how it went."""
    batches, refusals, recorded = {}, {}, 0
    for one in found:
        if one.samples:
            minutes, refused, accepted = sifted_for(one.indicator, one.samples, at)
            recorded += accepted
            refusals[one.indicator.pk] = refused
            note_impossible(one.indicator, refused, at)
            if minutes:
                batches[one.indicator.pk] = minutes
    if batches:
        record_many(batches, at=at)
    for one in found:
        note_values(one.indicator, [value for value in one.samples if isinstance(value, Value)], at)
        error = one.error or _said_of(refusals.get(one.indicator.pk, []))
        note_pull(one.indicator, at=at, until=None if one.error else one.end, error=error, warnings=one.warnings)
    return recorded


def _said_of(refused: Sequence[Refusal]) -> str:
    return f"{len(refused)} minutes refused: {refused[0].reason}" if refused else ""


def _give_up(source: DataSource, indicators: Sequence[Indicator], error: str, at: datetime) -> None:
    note_answer(source, at=at, error=error)
    for one in indicators:
        note_pull(one, at=at, until=None, error=error)


def _longest_windows(indicators: Sequence[Indicator]) -> dict[int, int]:
    """Indicator -> days of the longest window that sums it, alone or in a composite."""
    rows = Indicator.objects.filter(pk__in=[one.pk for one in indicators]).values_list("pk")
    alone = dict(rows.annotate(days=Max("objectives__window_days")))
    together = dict(rows.annotate(days=Max("feeds__series__spans__objective__window_days")))
    return {pk: max(alone[pk] or 0, together[pk] or 0) or USUAL_WINDOW_DAYS for pk in alone}


def _first_minute(indicator: Indicator, end: int, longest: Mapping[int, int]) -> int:
    oldest = end - longest[indicator.pk] * MINUTES_PER_DAY
    if indicator.pulled_until is None:
        return oldest
    return max(oldest, min(indicator.pulled_until, end) - max(OVERLAP_MINUTES, indicator.step_minutes))


@contextmanager
def _alone_with(source: DataSource) -> Iterator[bool]:
    """A lock of the connection, not of a transaction: the rounds commit one by one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, source.pk])
        (is_mine,) = cursor.fetchone()
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, source.pk])


_LOCK_CLASS = 0x50554C4C  # any number that no other advisory lock of Headroom uses
