"""A card for each measure: its number, what it is counted of, and its trend as columns that open their rows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from changes.dora.queries import Part, Report
from changes.dora.rules import Figures
from changes.dora.vocabulary import Measure

WIDE, HIGH = 1000, 100
Address = Callable[[Measure, datetime | None, datetime | None], str]


class Card(NamedTuple):
    """`columns`: of the trend, in parts of a picture 1000 wide and 100 high, whose top is `highest`."""

    measure: Measure
    shown: str
    counted: str
    url: str
    tone: str
    columns: list[dict[str, Any]]
    highest: str


_VALUES: dict[Measure, Callable[[Figures], float | None]] = {
    Measure.LEAD_TIME: lambda one: one.lead.median,
    Measure.DEPLOYMENT_FREQUENCY: lambda one: one.frequency,
    Measure.CHANGE_FAIL_RATE: lambda one: one.fail_rate,
    Measure.RECOVERY_TIME: lambda one: one.recovery,
    Measure.REWORK_RATE: lambda one: one.rework_rate,
}
# More of it is good, bad, or neither: what a column shows beside its height.
_TONES = {
    Measure.LEAD_TIME: "steady",
    Measure.DEPLOYMENT_FREQUENCY: "good",
    Measure.CHANGE_FAIL_RATE: "bad",
    Measure.RECOVERY_TIME: "slow",
    Measure.REWORK_RATE: "steady",
}


def cards(report: Report, address: Address) -> list[Card]:
    """The five, in DORA's order: how fast, then how sound."""
    return [_card(measure, report, address) for measure in Measure]


def _card(measure: Measure, report: Report, address: Address) -> Card:
    value, total = _VALUES[measure], report.total
    values = [value(part.figures) for part in report.parts]
    highest = max((one for one in values if one is not None), default=0.0)
    return Card(
        measure=measure,
        shown=said(measure, value(total)),
        counted=_counted(measure, total),
        url=address(measure, None, None),
        tone=_TONES[measure],
        columns=[
            _column(measure, place, len(values), part, one, highest, address)
            for place, (part, one) in enumerate(zip(report.parts, values, strict=True))
            if one
        ],
        highest=said(measure, highest) if highest else "",
    )


def _column(
    measure: Measure, place: int, of: int, part: Part, value: float, highest: float, address: Address
) -> dict[str, Any]:
    step, high = WIDE / of, HIGH * value / highest
    return {
        "x": f"{step * (place + 0.1):.2f}",
        "y": f"{HIGH - high:.2f}",
        "width": f"{step * 0.8:.2f}",
        "height": f"{high:.2f}",
        "at": part.since,
        "shown": said(measure, value),
        "url": address(measure, part.since, part.until),
    }


def said(measure: Measure, value: float | None) -> str:
    """A value as people say it: a length, so many a day or a week, a share."""
    if value is None:
        return "–"
    if measure in (Measure.LEAD_TIME, Measure.RECOVERY_TIME):
        return length(value)
    if measure == Measure.DEPLOYMENT_FREQUENCY:
        return _often(value)
    return f"{100 * value:.1f}\u202f%"


def length(hours: float) -> str:
    """Minutes below two hours, hours below three days, days from there."""
    if hours < 2:
        return _("%(minutes)s min") % {"minutes": f"{60 * hours:.0f}"}
    if hours < 72:
        return _("%(hours)s h") % {"hours": f"{hours:.1f}"}
    return _("%(days)s days") % {"days": f"{hours / 24:.1f}"}


def _often(a_day: float) -> str:
    if a_day >= 1 or not a_day:
        return _("%(times)s a day") % {"times": f"{a_day:.1f}"}
    if a_day >= 1 / 7:
        return _("%(times)s a week") % {"times": f"{7 * a_day:.1f}"}
    return _("%(times)s a month") % {"times": f"{30 * a_day:.1f}"}


def _counted(measure: Measure, total: Figures) -> str:
    """Of how many; empty of none."""
    if measure == Measure.LEAD_TIME:
        if not total.lead.commits:
            return ""
        words = ngettext("median of %(n)s commit", "median of %(n)s commits", total.lead.commits)
        spread = _("mean %(mean)s, nine of ten within %(p90)s") % {
            "mean": length(total.lead.mean or 0), "p90": length(total.lead.p90 or 0),
        }  # fmt: skip
        return f"{words % {'n': total.lead.commits}}; {spread}"
    if not total.deployments:
        return ""
    if measure == Measure.DEPLOYMENT_FREQUENCY:
        words = ngettext("%(n)s successful deployment", "%(n)s successful deployments", total.succeeded)
        return words % {"n": total.succeeded}
    if measure == Measure.RECOVERY_TIME:
        if not total.failed:
            return _("nothing failed")
        return _("median; %(restored)s of %(failed)s restored") % {"restored": total.restored, "failed": total.failed}
    of = {"n": total.failed if measure == Measure.CHANGE_FAIL_RATE else total.reworked, "all": total.deployments}
    return ngettext("%(n)s of %(all)s deployment", "%(n)s of %(all)s deployments", total.deployments) % of
