"""Sorting samples into those that can be counted and those that are refused, each with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from operator import ge, gt, le, lt
from typing import NamedTuple

from slo.engine.prefix import Counts
from slo.engine.windows import LONGEST_WINDOW_DAYS, MINUTES_PER_DAY

MAX_SAMPLES = 10_000
MAX_EVENTS = 10**9  # per minute; keeps every sum of thousandths inside eight bytes for centuries

_SHARE = 1_000_000  # a ready-made ratio stands for a thousand events, in thousandths

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


class Sample(NamedTuple):
    """Events that were good and events in all, in the minute that begins at `minute` (with its zone)."""

    minute: datetime
    good: int | Decimal
    total: int | Decimal


class Value(NamedTuple):
    """One raw value, measured at `minute` (with its zone; seconds are allowed here)."""

    minute: datetime
    value: Decimal


class Reason(StrEnum):
    """Why one sample was refused; the code that the API answers with."""

    FUTURE = "future"
    TOO_OLD = "too_old"
    NOT_A_MINUTE = "not_a_whole_minute"
    NEGATIVE = "negative"
    GOOD_ABOVE_TOTAL = "good_above_total"
    TOO_LARGE = "too_large"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_RATIO = "not_a_ratio"
    CONTRADICTED = "contradicted"  # the same minute with other values earlier in the same batch


@dataclass(frozen=True, slots=True)
class RejectedSample:
    """Which sample (its place in the batch), which minute, why."""

    index: int
    minute: datetime
    reason: Reason


def epoch_minute(instant: datetime) -> int:
    """Whole minutes since 1970, rounded down."""
    return (instant - _EPOCH) // _MINUTE


def instant_of(minute: int) -> datetime:
    """The beginning of this epoch minute, in UTC."""
    return _EPOCH + minute * _MINUTE


def oldest_minute(at: datetime) -> int:
    """The oldest minute that any window can still reach at this instant."""
    return epoch_minute(at) - LONGEST_WINDOW_DAYS * MINUTES_PER_DAY


def validated_samples(
    samples: Sequence[Sample], at: datetime, oldest: int, step: int = 1
) -> tuple[dict[int, Counts], list[RejectedSample], int]:
    """(minute -> counts, refusals, number accepted). The running minute is accepted; evaluation waits for its end.

    Nothing before the minute `oldest` is taken. A sample stands at the last minute of its step, where it is complete.
    """
    newest = epoch_minute(at)
    kept: dict[int, Counts] = {}
    refused: list[RejectedSample] = []
    for index, sample in enumerate(samples):
        minute = epoch_minute(sample.minute)
        counts = _thousandths(sample)
        reason = _fault_of(sample, minute, newest, oldest) or _fault_in(counts)
        if reason is None and kept.setdefault(minute - minute % step + step - 1, counts) != counts:
            reason = Reason.CONTRADICTED
        if reason is not None:
            refused.append(RejectedSample(index, sample.minute, reason))
    return kept, refused, len(samples) - len(refused)


def counts_of_values(
    values: Sequence[Value], at: datetime, oldest: int, step: int, *, op: str, threshold: Decimal | None
) -> tuple[dict[int, Counts], list[RejectedSample], int]:
    """The same for values: with a threshold each is one event, good or bad; without one it is a share of good events.

    A share counts as a thousand events, so that nine tenths of a per cent are not rounded away. All values
    of one step add up.
    """
    newest = epoch_minute(at)
    kept: dict[int, Counts] = {}
    refused: list[RejectedSample] = []
    for index, one in enumerate(values):
        minute = epoch_minute(one.minute)
        reason = _fault_of_time(one.minute, minute, newest, oldest) or _fault_of_value(one.value, threshold)
        if reason is not None:
            refused.append(RejectedSample(index, one.minute, reason))
            continue
        counts = _counts_of(one.value, op, threshold)
        before = kept.get(minute - minute % step + step - 1, Counts(0, 0))
        kept[minute - minute % step + step - 1] = Counts(before.bad + counts.bad, before.total + counts.total)
    return kept, refused, len(values) - len(refused)


_COMPARED: dict[str, Callable[[Decimal, Decimal], bool]] = {"lt": lt, "lte": le, "gt": gt, "gte": ge}


def _counts_of(value: Decimal, op: str, threshold: Decimal | None) -> Counts:
    if threshold is not None:
        return Counts(0 if _COMPARED[op](value, threshold) else 1000, 1000)
    good = int((value * _SHARE).to_integral_value(ROUND_HALF_EVEN))
    return Counts(_SHARE - good, _SHARE)


def _fault_of_value(value: Decimal, threshold: Decimal | None) -> Reason | None:
    if not value.is_finite():
        return Reason.NOT_A_NUMBER
    if threshold is None and not 0 <= value <= 1:
        return Reason.NOT_A_RATIO
    return None


def _fault_of(sample: Sample, minute: int, newest: int, oldest: int) -> Reason | None:
    if sample.minute.second or sample.minute.microsecond:
        return Reason.NOT_A_MINUTE
    if _is_negative(sample.total) or _is_negative(sample.good):
        return Reason.NEGATIVE
    return _fault_of_time(sample.minute, minute, newest, oldest)


def _fault_of_time(instant: datetime, minute: int, newest: int, oldest: int) -> Reason | None:
    if minute > newest:
        return Reason.FUTURE
    return Reason.TOO_OLD if minute < oldest else None


def _is_negative(events: int | Decimal) -> bool:
    """Also answers for NaN, which no comparison may meet."""
    return events < 0 if isinstance(events, int) else events.is_signed() and bool(events)


def _fault_in(counts: Counts) -> Reason | None:
    if counts.bad < 0:
        return Reason.GOOD_ABOVE_TOTAL
    return Reason.TOO_LARGE if counts.total > MAX_EVENTS * 1000 else None


def _thousandths(sample: Sample) -> Counts:
    """Rounding both sides the same way keeps good <= total."""
    total = _in_thousandths(sample.total)
    return Counts(total - _in_thousandths(sample.good), total)


def _in_thousandths(events: int | Decimal) -> int:
    if isinstance(events, int):
        return events * 1000
    if not events.is_finite() or events.adjusted() > 12:
        return MAX_EVENTS * 10_000
    return int((events * 1000).to_integral_value(ROUND_HALF_EVEN))
