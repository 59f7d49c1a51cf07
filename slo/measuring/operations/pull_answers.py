"""One question to a data source and what it brought: samples, what is missing of them, or why there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused, TooLarge, TooSlow
from slo.engine.owed import SMALLEST
from slo.engine.plausible import SKEW_SHARE, within
from slo.engine.samples import Sample, Value, instant_of
from slo.measuring.adapters.prometheus import Broken, Fetched, Refused, Server, Unusable, range_query
from slo.measuring.models import Indicator
from slo.measuring.vocabulary import QUERIES

_FAULTS = (OutgoingFailed, OutgoingRefused, Unusable)
_SMALLER_HELPS = (Refused, Broken, TooLarge, TooSlow)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one question for one indicator brought, or why there is nothing.

    `is_silent`: nobody answered at all. `in_parts`: asked for less at a time, it might answer. `newest`: the last
    minute with a value of each query, None for one that gave no series. `bounded`: minutes whose part was a little
    above the whole. `odd`: why figures that came were not taken.
    """

    indicator: Indicator
    first: int
    end: int
    samples: Sequence[Sample | Value] = ()
    warnings: Sequence[str] = ()
    error: str = ""
    is_silent: bool = False
    in_parts: bool = False
    newest: Mapping[str, int | None] = field(default_factory=dict)
    bounded: frozenset[int] = frozenset()
    odd: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it spans more minutes than the smallest question would, so that it can be halved."""
        return self.end - self.first > SMALLEST * self.indicator.step_minutes

    @property
    def expected(self) -> range:
        """The minutes that samples stand at: the last of each step."""
        step = self.indicator.step_minutes
        return range(self.first + (step - 1 - self.first) % step, self.end, step)


@dataclass(slots=True)
class _Counted:
    samples: list[Sample | Value] = field(default_factory=list)
    bounded: set[int] = field(default_factory=set)
    above: list[int] = field(default_factory=list)


def fetched(server: Server, indicator: Indicator, first: int, end: int) -> Pulled:
    """Asks, and touches no database: it runs on a thread of its own."""
    try:
        asked = {
            name: range_query(server, query, first, end, step_minutes=indicator.step_minutes, counter=indicator.counter)
            for name in QUERIES
            if (query := getattr(indicator, name))
        }
    except _FAULTS as error:
        return Pulled(
            indicator, first, end, error=str(error), in_parts=isinstance(error, _SMALLER_HELPS),
            is_silent=not isinstance(error, Unusable | Broken | TooLarge),
        )  # fmt: skip
    warnings = list(dict.fromkeys(remark for one in asked.values() for remark in (*one.warnings, *one.infos)))
    if lacks := next((one.lacks for one in asked.values() if one.is_partial), ""):
        words = gettext("The source warns of partial data, so nothing of it was counted: %(reason)s")
        return Pulled(indicator, first, end, warnings=warnings, error=words % {"reason": lacks})
    return _pulled(indicator, first, end, asked, warnings)


def _pulled(
    indicator: Indicator, first: int, end: int, asked: Mapping[str, Fetched], warnings: list[str]
) -> Pulled:  # fmt: skip
    newest = {name: max(one.values, default=None) for name, one in asked.items()}
    if newest.get("bad_query", 0) is None and newest["total_query"] is not None:
        warnings.append(
            gettext("There are events, but no series of bad ones: add `or vector(0)` to that query if this means none.")
        )
    if "value_query" in asked:
        values = sorted(asked["value_query"].values.items())
        samples = [Value(instant_of(minute), value) for minute, value in values]
        return Pulled(indicator, first, end, samples, warnings, newest=newest)
    found = _samples(asked, asked["total_query"].values)
    return Pulled(
        indicator, first, end, found.samples, warnings, newest=newest, bounded=frozenset(found.bounded),
        odd=_said_of_parts(found.above),
    )  # fmt: skip


def _samples(asked: Mapping[str, Fetched], totals: Mapping[int, Decimal]) -> _Counted:
    name = "good_query" if "good_query" in asked else "bad_query"
    found = _Counted()
    for minute, said in sorted(asked[name].values.items()):
        if minute not in totals:
            continue
        total, part = totals[minute], said if name == "good_query" else max(said, Decimal(0))
        kept = within(part, total) if total >= 0 else part
        if kept is None:
            found.above.append(minute)
            continue
        if kept != part:
            found.bounded.add(minute)
        found.samples.append(Sample(instant_of(minute), kept if name == "good_query" else total - kept, total))
    return found


def _said_of_parts(above: Sequence[int]) -> str:
    if not above:
        return ""
    return ngettext(
        "%(count)d minute is not counted: it has more good or bad events than events, by more than %(share)d %%.",
        "%(count)d minutes are not counted: they have more good or bad events than events, by more than %(share)d %%.",
        len(above),
    ) % {"count": len(above), "share": SKEW_SHARE * 100}
