"""Taking measurements in: set, never added, and applied before the answer."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput
from slo.engine.prefix import Counts, by_hour, with_minutes
from slo.engine.samples import (
    MAX_SAMPLES,
    RejectedSample,
    Sample,
    Value,
    counts_of_values,
    epoch_minute,
    instant_of,
    oldest_minute,
    validated_samples,
)
from slo.measuring.models import Indicator, SeriesMember
from slo.measuring.operations.appending import append, as_array
from slo.measuring.operations.hours import read_hours, replace_hours
from slo.measuring.operations.measurers import note_sent, require_measurer
from slo.measuring.operations.odd_samples import note_impossible, note_values
from slo.measuring.operations.quarantine import believed
from slo.measuring.operations.series import note_beginning, raw_series, rebuild_slices
from slo.measuring.operations.withholding import weighed, withhold

# What comes later than this is history backfilled: outage periods are looked at again from there.
LATE_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many samples now stand as sent, and which were refused.

    waiting: minutes that would be better than what was recorded; they wait for another person (`confirmation`).
    quarantined: minutes with far more than the usual traffic; they are shown, not counted, until a person says so.
    """

    accepted: int
    refused: list[RejectedSample]
    waiting: int = 0
    quarantined: int = 0
    confirmation: str = ""


def record_samples(
    indicator: Indicator, samples: Sequence[Sample | Value], *, actor: Actor, at: datetime, most: int = MAX_SAMPLES
) -> Recorded:
    """Set these minutes, in any order, as old as is still kept by the minute (a year at most before `at`).

    Values are for indicators that compare or take values; several in a minute count together. Sending a
    minute again replaces it; sending the same again changes nothing. Writers of one indicator take
    turns. Raises NotPermitted, Conflict (the indicator has its own source), InvalidInput (too many).
    """
    require_measurer(indicator, actor)
    if indicator.source != Indicator.Source.PUSH and not actor.is_system:
        raise Conflict(
            gettext("%(indicator_slug)s is measured by Headroom itself; it takes no other measurements.")
            % {"indicator_slug": indicator.slug}
        )
    if len(samples) > most:
        raise InvalidInput(
            gettext("At most %(most_samples)s samples at a time.") % {"most_samples": most},
            {"samples": [f"{len(samples)} were sent"]},
        )
    minutes, refused, accepted = validated_samples_for(indicator, samples, at)
    note_impossible(indicator, refused, at)
    if not minutes:
        return Recorded(accepted, refused)
    with transaction.atomic():
        if actor.is_system:
            record_many({indicator.pk: minutes}, at=at)
            recorded = Recorded(accepted, refused)
        else:
            recorded = _record_sent(indicator, minutes, refused, accepted, actor=actor, at=at)
        note_values(indicator, [one for one in samples if isinstance(one, Value)], at)
    return recorded


@transaction.atomic
def _record_sent(
    indicator: Indicator,
    minutes: dict[int, Counts],
    refused: list[RejectedSample],
    accepted: int,
    *,
    actor: Actor,
    at: datetime,
) -> Recorded:
    """What somebody sent: without the minutes that nobody believes, and those that another person approves first."""
    lock_writers([indicator.pk])
    credible = believed(indicator.pk, raw_series(indicator).pk, minutes, at)
    found = weighed(indicator, credible, actor=actor, at=at)
    held = withhold(indicator, found.held, actor=actor, at=at) if found.held else None
    if found.at_once and record_many({indicator.pk: found.at_once}, at=at, screened=True):
        _note_backfilled(indicator, found.at_once, actor, at)
    note_sent(indicator, actor, at)
    quarantined, waiting = len(minutes) - len(credible), len(found.held)
    stand = max(0, accepted - quarantined - waiting)
    return Recorded(stand, refused, waiting, quarantined, held.reference if held else "")


def _note_backfilled(indicator: Indicator, minutes: Mapping[int, Counts], actor: Actor, at: datetime) -> None:
    """Who changes what was measured long ago changes what budgets were: that is kept with a name on it."""
    late = [minute for minute in minutes if minute < epoch_minute(at) - LATE_MINUTES]
    first, last = instant_of(min(late)), instant_of(max(late) + 1)
    lifecycle.announce(
        indicator,
        "backfilled",
        actor=actor,
        changes={"from": [None, first], "to": [None, last], "minutes": [None, len(late)]},
    )


def validated_samples_for(
    indicator: Indicator, samples: Sequence[Sample | Value], at: datetime
) -> tuple[dict[int, Counts], list[RejectedSample], int]:
    """(minute -> counts, refusals, number accepted), as this indicator counts. InvalidInput for the wrong kind."""
    counted = [one for one in samples if isinstance(one, Sample)]
    values = [one for one in samples if isinstance(one, Value)]
    takes_values = indicator.measure != Indicator.Kind.RATIO
    if (counted and takes_values) or (values and not takes_values):
        raise InvalidInput(
            (
                gettext("%(indicator_slug)s compares values; send value.")
                if takes_values
                else gettext("%(indicator_slug)s counts events; send good and total.")
            )
            % {"indicator_slug": indicator.slug},
            {"samples": [gettext("good and total, or value, as the indicator says")]},
        )
    oldest = _oldest_kept(indicator, at)
    if values:
        return counts_of_values(
            values, at, oldest, indicator.step_minutes, op=indicator.op, threshold=indicator.threshold
        )
    return validated_samples(counted, at, oldest, indicator.step_minutes)


def _oldest_kept(indicator: Indicator, at: datetime) -> int:
    thinned = SeriesMember.objects.filter(indicator=indicator, series__thinned_hour__isnull=False)
    hours = [hour for hour in thinned.values_list("series__thinned_hour", flat=True) if hour is not None]
    return max([oldest_minute(at), *(hour * 60 for hour in hours)])


@transaction.atomic
def record_many(batches: Mapping[int, Mapping[int, Counts]], *, at: datetime, screened: bool = False) -> set[int]:
    """Set these minutes of many indicators: indicator id -> minute -> counts, already validated.

    Returns the indicators whose history is another one now: an old minute was set or changed. Minutes with
    far more than the usual traffic are kept aside, unless the caller has `screened` them.

    The usual minute of thousands of indicators is two statements; what is late or large goes one by one.
    """
    # The indicators' rows are the one lock of their writers: an hour read below cannot change before it is written.
    lock_writers(batches)
    newest = {one: next(iter(minutes.items())) for one, minutes in batches.items() if len(minutes) == 1}
    appended = newest.keys() - append(newest) if newest else set()
    feeds = _feeds(batches.keys() - appended)
    rest = _kept_by_minute({one: batches[one] for one in feeds}, feeds)
    if not screened:
        rest = {one: believed(one, feeds[one].series, minutes, at) for one, minutes in rest.items()}
    late = {one: minutes for one, minutes in rest.items() if _set_minutes(feeds[one], minutes)}
    unchanged = feeds.keys() - late.keys()
    rebuild_slices({one: batches[one] for one in batches.keys() - unchanged} if unchanged else batches)
    return _note_late(feeds, late, epoch_minute(at) - LATE_MINUTES)


class _Feed(NamedTuple):
    """What an indicator feeds: the series of its own samples, as it is under the lock."""

    series: int
    thinned_hour: int | None
    began: int | None
    backfilled: int | None


# In id order, as everybody who locks several.
_LOCK = """
SELECT count(*) FROM (
  SELECT FROM slo_indicator WHERE id = ANY (%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
) AS held
"""

_FEEDS = """
SELECT m.indicator_id, m.series_id, s.thinned_hour, s.began_minute, i.backfilled_from FROM slo_indicator i
JOIN slo_seriesmember m ON m.indicator_id = i.id
JOIN slo_series s ON s.id = m.series_id AND s.method = 'occurrences'
WHERE i.id = ANY (%s::bigint[]) ORDER BY i.id
"""


def lock_writers(indicator_ids: Iterable[int]) -> None:
    """Take turns with all who write measurements of these indicators, until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [as_array(indicator_ids)])


def _feeds(indicator_ids: Collection[int]) -> dict[int, _Feed]:
    if not indicator_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FEEDS, [as_array(indicator_ids)])
        return {one: _Feed(*columns) for one, *columns in cursor.fetchall()}


def _kept_by_minute(
    batches: Mapping[int, Mapping[int, Counts]], feeds: Mapping[int, _Feed]
) -> Mapping[int, Mapping[int, Counts]]:
    """Who thins does it under the same lock: what was let in a moment ago may be too old by now."""
    limits = {one: feeds[one].thinned_hour for one in batches}
    if not any(limits.values()):
        return batches
    kept = {
        one: {minute: counts for minute, counts in minutes.items() if minute >= (limits[one] or 0) * 60}
        for one, minutes in batches.items()
    }
    return {one: minutes for one, minutes in kept.items() if minutes}


def _set_minutes(feed: _Feed, minutes: Mapping[int, Counts]) -> bool:
    """False where they stood like this already."""
    wanted = by_hour(minutes)
    stored = read_hours(feed.series, sorted(wanted))
    after = {hour: with_minutes(stored[hour], those) for hour, those in wanted.items()}
    if not replace_hours(feed.series, stored, after):
        return False
    first = min(minutes)
    if feed.began is None or first < feed.began:
        note_beginning(feed.series, first)
    return True


def _note_late(feeds: Mapping[int, _Feed], late: Mapping[int, Mapping[int, Counts]], before: int) -> set[int]:
    backfilled = {one for one, minutes in late.items() if min(minutes) < before}
    for indicator_id in backfilled:
        oldest, known = min(late[indicator_id]), feeds[indicator_id].backfilled
        if known is None or oldest < known:
            Indicator.objects.filter(pk=indicator_id).update(backfilled_from=oldest)
    return backfilled
