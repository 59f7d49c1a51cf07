"""Forecasts of capacity as rows that people read beside the plan, where no rule of the policy has spoken of them."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.cmdb.queries.changed import called
from changes.gate.evidence import CapacityForecast, Evidence

_SHOWN = 3
_ABOUT = {"capacity_runs_out", "capacity_unusable", "capacity_unknown"}


def capacity_sentences(evidence: Evidence, heard: set[str]) -> Iterator[tuple[str, str]]:
    """Sentence and value (a day, or ""), what runs out soonest first; the nearest few."""
    capacity = evidence.capacity.value if evidence.capacity is not None else None
    if capacity is None or heard & _ABOUT:
        return
    near = [one for one in capacity.forecasts if one.soonest is not None]
    names = called(one.item for one in near[:_SHOWN])
    for one in near[:_SHOWN]:
        yield _runs_out(one, names.get(one.item, one.item)), _day(one.soonest)
    if len(near) > _SHOWN:
        more = ngettext("%(count)s more limit is in sight.", "%(count)s more limits are in sight.", len(near) - _SHOWN)
        yield more % {"count": len(near) - _SHOWN}, ""
    silent = [one for one in capacity.forecasts if one.soonest is None and _says_nothing(one)]
    if silent:
        said = ngettext(
            "Of %(count)s measure of what it runs on nothing can be said yet.",
            "Of %(count)s measures of what it runs on nothing can be said yet.",
            len(silent),
        )
        yield said % {"count": len(silent)}, str(len(silent))
    if not near and not silent:
        until = min((one.sees_until for one in capacity.forecasts if one.sees_until is not None), default=None)
        theirs = any(one.by_interested for one in capacity.forecasts)
        told = _("No limit of what it runs on is in sight, by the word of somebody who wants this change.")
        yield told if theirs else _("No limit of what it runs on is in sight."), _day(until)


def _says_nothing(one: CapacityForecast) -> bool:
    return one.made_at is None or one.too_little or one.retired


def _runs_out(one: CapacityForecast, item: str) -> str:
    values = {"measure": one.measure, "item": item, "soonest": _day(one.soonest), "likely": _day(one.likely)}
    if one.likely is None:
        return _("%(measure)s of %(item)s may meet its limit from %(soonest)s on.") % values
    return _("%(measure)s of %(item)s may meet its limit from %(soonest)s on, likely on %(likely)s.") % values


def _day(at: datetime | None) -> str:
    return date_format(at, "j M Y") if at is not None else ""
