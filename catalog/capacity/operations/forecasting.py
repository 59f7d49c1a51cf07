"""What is expected of each measure, made anew each night, and the warnings that come of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext

from catalog.capacity.models import Exhaustion, Forecast, Measure, Point
from catalog.capacity.queries import folded, senders_of
from catalog.capacity.vocabulary import CALM_DAYS, KEPT_DAYS, LENGTHS, MAX_AHEAD, Side, Step
from catalog.engine.forecast import Band, Crossing, crossing, forecast, too_little
from itsm import lifecycle
from itsm.accounts.queues import members_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, WrongState
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.one_by_one import one_by_one
from itsm.work.tasks import add_task, remove_task

_PAGE = 200  # measures that are read at once


def forecast_all(*, actor: Actor, at: datetime) -> int:
    """A forecast of each living measure: where one fails, the others are made. How many; safe to run twice.

    Raises nothing.
    """
    made, last = 0, 0
    while True:
        living = Measure.objects.filter(retired_at=None, pk__gt=last).order_by("pk").select_related("ci", "ci__team")
        page = list(living[:_PAGE])
        made += one_by_one(page, lambda measure: _is_made(measure, actor, at), what="forecasts of measures")
        if len(page) < _PAGE:
            return made
        last = page[-1].pk


def _is_made(measure: Measure, actor: Actor, at: datetime) -> bool:
    try:
        forecast_measure(measure, actor=actor, at=at)
    except WrongState:  # somebody retired it meanwhile
        return False
    return True


@transaction.atomic
def forecast_measure(measure: Measure, *, actor: Actor, at: datetime) -> Forecast:
    """What is expected of this measure from its whole steps before `at`; warns its team where that is too near.

    Made again from the same points within its step, it is the same forecast. Raises WrongState (a retired measure).
    """
    current = lifecycle.locked(measure)
    if current.retired_at is not None:
        raise WrongState(gettext("%(measure)s is retired and is forecast no more.") % {"measure": current.slug})
    step = LENGTHS[Step(current.step)]
    series = folded(current, at)
    values = [one.value for one in series]
    expected = forecast(values, season=current.season, steps=MAX_AHEAD[Step(current.step)]) if values else None
    bands: Sequence[Band] = expected.bands if expected else ()
    met = crossing(bands, current.limit, rising=current.side == Side.BELOW)
    last = series[-1].at if series else at

    def when(ahead: int | None) -> datetime | None:
        return None if ahead is None else last + ahead * step

    made = Forecast(
        measure=current,
        made_at=at,
        limit=current.limit,
        points=sum(value is not None for value in values),
        too_little=expected is None or too_little(values, current.season),
        measured_until=last + step if series else None,
        sees_until=last + (bands[-1].ahead + 1) * step if bands else None,
        bands=[[(last + one.ahead * step).isoformat(), one.low, one.centre, one.high, one.stretched] for one in bands],
        soonest=when(met.soonest),
        likely=when(met.likely),
        latest=when(met.latest),
        held=expected.held if expected else None,
        senders=senders_of(current),
    )
    Forecast.objects.filter(measure=current, made_at=at).delete()
    Forecast.objects.filter(measure=current).exclude(bands=[]).update(bands=[])  # of old ones the dates are enough
    made.save(force_insert=True)
    _warn_or_calm(current, made, met, actor, at)
    return made


def _warn_or_calm(measure: Measure, made: Forecast, met: Crossing, actor: Actor, at: datetime) -> None:
    near = made.soonest is not None and made.soonest <= at + timedelta(days=measure.lead_days)
    warned = Exhaustion.objects.select_for_update(no_key=True).filter(measure=measure, ended_at=None).first()
    if near and made.soonest is not None:
        if warned is None:
            _warn(measure, made, made.soonest, actor, at)
        else:
            warned.soonest, warned.calm_since = made.soonest, None
            warned.save(update_fields=["soonest", "calm_since"])
        return
    # Too little data says nothing: it calms nobody.
    if warned is None or made.too_little:
        return
    warned.calm_since = warned.calm_since or at
    if at - warned.calm_since >= timedelta(days=CALM_DAYS):
        _end(warned, measure, actor, at)
    warned.save(update_fields=["calm_since", "ended_at"])


def _warn(measure: Measure, made: Forecast, soonest: datetime, actor: Actor, at: datetime) -> None:
    title = _("%(measure)s of %(item)s may meet its limit from %(day)s on") % {
        "measure": measure.name,
        "item": measure.ci.name,
        "day": date_format(soonest, "j M Y"),
    }
    try:
        task = add_task(measure.ci, actor=actor, title=str(title)[:200], team=measure.ci.team, due_at=max(soonest, at))
    except Conflict:  # the item has as many tasks as it may: people are told all the same
        task = None
    Exhaustion.objects.create(measure=measure, warned_at=at, soonest=soonest, task=task)
    lifecycle.announce(measure, "runs_out", actor=actor, changes={"soonest": [None, soonest]}, at=at)
    people = members_of(measure.ci.team_id) if measure.ci.team_id else []
    by = ("measure.runs_out", "team")
    notify(people, title, path=measure.get_absolute_url(), record=measure, by=by)


def _end(warned: Exhaustion, measure: Measure, actor: Actor, at: datetime) -> None:
    warned.ended_at = at
    if warned.task is not None and warned.task.done_at is None:
        remove_task(measure.ci, warned.task, actor=actor)
        warned.task = None
    lifecycle.announce(measure, "calm", actor=actor, at=at)


def forget_old_points(*, at: datetime) -> int:
    """Points and forecasts that are older than is kept are gone. How many rows. Raises nothing."""
    oldest = at - timedelta(days=KEPT_DAYS)
    points, _by_table = Point.objects.filter(at__lt=oldest).delete()
    forecasts, _by_table = Forecast.objects.filter(made_at__lt=oldest).delete()
    return points + forecasts
