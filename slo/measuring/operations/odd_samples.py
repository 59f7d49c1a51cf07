"""Keeping with an indicator what its samples tell about themselves: impossible ones, and values that never change."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, Value, When

from slo.engine import trust
from slo.engine.samples import Reason, RejectedSample, epoch_minute
from slo.engine.samples import Value as MeasuredValue
from slo.measuring.models import Indicator

# What no source sends that counts rightly; a sample that is merely too old or too early is no sign.
IMPOSSIBLE = frozenset(
    {
        Reason.NEGATIVE, Reason.GOOD_ABOVE_TOTAL, Reason.TOO_LARGE, Reason.NOT_A_NUMBER, Reason.NOT_A_RATIO,
        Reason.CONTRADICTED,
    }
)  # fmt: skip
_HOLDS = timedelta(minutes=trust.HOLDS_MINUTES)


def note_impossible(indicator: Indicator, refused: Sequence[RejectedSample], at: datetime) -> None:
    """One that comes soon after another continues it: since when is that of the first."""
    if not any(one.reason in IMPOSSIBLE for one in refused):
        return
    goes_on = Q(impossible_at__gt=at - _HOLDS, impossible_since__isnull=False)
    Indicator.objects.filter(pk=indicator.pk).update(
        impossible_since=Case(When(goes_on, then=F("impossible_since")), default=Value(at)), impossible_at=at
    )


def note_values(indicator: Indicator, values: Sequence[MeasuredValue], at: datetime) -> None:
    """How long the newest values have been the same. Late ones tell nothing, and none is from the future."""
    minutes = [(epoch_minute(one.minute), one.value) for one in values if one.value.is_finite()]
    finite = [(minute, value) for minute, value in minutes if minute <= epoch_minute(at)]
    if not finite:
        return
    fields = ("value_last", "value_newest", "value_since", "value_samples", "value_longest", "value_seen")
    stored = Indicator.objects.filter(pk=indicator.pk).values_list(*fields).first()
    if stored is None:
        return
    before = trust.Run(*stored)
    after = trust.run_after(before, finite)
    if after != before:
        said = (after.last, after.newest, after.since, after.samples, after.longest, after.seen)
        Indicator.objects.filter(pk=indicator.pk).update(**dict(zip(fields, said, strict=True)))
