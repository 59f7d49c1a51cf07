"""The same figures as files: the overview, how a window was spent, the minutes of an indicator."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_of
from itsm.kernel.batches import batched
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.ui.csv_answers import csv_answer
from slo.engine.windows import LONGEST_WINDOW_DAYS, WINDOWS
from slo.measuring.models import Indicator
from slo.measuring.queries.minutes import stored_minutes
from slo.measuring.views.readers import reader_of
from slo.objectives import queries
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.overview import gone_in, overview
from slo.objectives.queries.spending import spent_by
from slo.objectives.views.overview import filtered

_MINUTES = {"hour": 60, "day": 1440}
_AT_ONCE = 500
_OVERVIEW = (
    "slug", "name", "service", "team", "environment", "state", "flags", "target", "method", "window_days", "calendar",
    "gating", "remaining", "reserved", "headroom", "allowed_failures", "bad_in_window", "total_in_window", "burn_1h",
    "burn_6h", "burn_1d", "burn_3d", "minutes_to_exhaustion", "coverage", "measured_to", "evaluated_at",
)  # fmt: skip


@login_required
def overview_csv(request: HttpRequest) -> HttpResponseBase:
    """Every objective that the filters of the list leave, worst first."""
    actor, now = reader_of(request), timezone.now()
    ids = list(overview(filtered(request, actor).qs, now).values_list("pk", flat=True))
    return csv_answer(f"objectives-{now:%Y-%m-%d}", _OVERVIEW, _overview_rows(ids, actor, now))


def _overview_rows(ids: list[int], actor: Any, now: datetime) -> Iterator[list[Any]]:
    """Some at a time: neither one long answer in memory, nor a cursor that a reader can keep open."""
    for some in batched(ids, _AT_ONCE):
        found = overview(Objective.objects.visible_to(actor).filter(pk__in=some), now)
        yield from (_row(budget) for budget in found)


def _row(budget: Any) -> list[Any]:
    one, burn = budget.objective, dict(zip(WINDOWS, budget.burn, strict=True))
    if not budget.measured_minutes:  # no figure of a measurement that was not made
        budget.remaining = budget.headroom = None
        burn = dict.fromkeys(WINDOWS)
    return [
        one.slug, one.name, one.service.slug, one.service.team and one.service.team.slug, one.environment, budget.shown,
        " ".join(budget.flags), one.target, one.method, one.window_days, one.calendar_unit, one.gating,
        budget.remaining, budget.reserved, budget.headroom, budget.allowed, Decimal(budget.bad_in_window) / one.unit,
        Decimal(budget.total_in_window) / one.unit, burn["1h"], burn["6h"], burn["1d"], burn["3d"], gone_in(budget),
        budget.coverage, _stamp(budget.measured_to) if budget.measured_to else None, _stamp(budget.evaluated_at),
    ]  # fmt: skip


@login_required
def window(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The objective's window by the hour or the day: failures, events, and what was left at the end of each."""
    objective = queries.by_slug(actor_of(request), slug)
    by = request.GET.get("per", "hour")
    if by not in _MINUTES:
        raise InvalidInput(_("Ask per hour or per day."), {"per": [_("hour or day")]})
    budget = Budget.objects.get(pk=objective.pk)
    head = ("from", "to", "bad", "total", "remaining")
    rows = (
        [_stamp(one.begins), _stamp(one.ends), one.bad, one.total, one.remaining]
        for one in spent_by(objective, budget, _MINUTES[by])
    )
    return csv_answer(f"{slug}-per-{by}-{timezone.now():%Y-%m-%d}", head, rows)


@login_required
def minutes(request: HttpRequest, slug: str) -> HttpResponseBase:
    """An indicator's stored minutes of some days (`from` and `to`, in UTC, included), as an upload takes them."""
    indicator = Indicator.objects.visible_to(reader_of(request)).filter(slug=slug).first()
    if indicator is None:
        raise NotFound(_("There is no indicator %(slug)s.") % {"slug": slug[:63]})
    today = timezone.now().astimezone(UTC).date()
    last = _day(request, "to", today)
    first = _day(request, "from", last - timedelta(days=6))
    if not timedelta(0) <= last - first <= timedelta(days=LONGEST_WINDOW_DAYS):
        raise InvalidInput(_("Ask for 1 to 366 days."), {"from": [_("not after the last day")]})
    found = stored_minutes(indicator, _midnight(first), _midnight(last + timedelta(days=1)))
    rows = ([_stamp(minute), good, total] for minute, good, total in found)
    return csv_answer(f"{slug}-{first}-{last}", ("minute", "good", "total"), rows)


@login_required
def template(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A file to begin with: the columns that this indicator takes and two lines of example."""
    indicator = Indicator.objects.visible_to(reader_of(request)).filter(slug=slug).first()
    if indicator is None:
        raise NotFound(_("There is no indicator %(slug)s.") % {"slug": slug[:63]})
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    if indicator.measure == Indicator.Kind.RATIO:
        head: tuple[str, ...] = ("minute", "good", "total")
        rows = [[_stamp(hour), 999, 1000], [_stamp(hour + timedelta(minutes=indicator.step_minutes)), 1000, 1000]]
    else:
        head = ("time", "value")
        rows = [[_stamp(hour), 0.25], [_stamp(hour + timedelta(minutes=indicator.step_minutes)), 0.5]]
    return csv_answer(f"{slug}-template", head, rows)


def _day(request: HttpRequest, name: str, default: date) -> date:
    text = request.GET.get(name, "")
    try:
        day = parse_date(text) if text else default
    except ValueError:
        day = None
    if day is None or not 1971 <= day.year <= 9000:
        raise InvalidInput(_("Write days as 2026-01-31."), {name: [_("a day such as 2026-01-31")]})
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
