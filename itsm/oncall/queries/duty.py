"""Who is on duty at an instant, until when and why; the final schedule; its gaps."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.kernel.errors import InvalidInput
from itsm.oncall.engine.rota import final
from itsm.oncall.engine.values import Shift, Source
from itsm.oncall.models import Layer, Override, Schedule
from itsm.oncall.queries.loading import rota_of, rotas_of

Place = Literal["now", "next", "previous", "all"]
MOST_DAYS = 366
# How far to look for who is next, or was before: most rotations change within the first.
_LOOK = (timedelta(days=15), timedelta(days=60), timedelta(days=365))


@dataclass(frozen=True, slots=True)
class OnDuty:
    """`people`: ids, the first first. `until`: when that ends; None where nothing says. `is_gap`: nobody is there.
    `why`: in words, for people."""

    people: tuple[int, ...]
    until: datetime | None
    is_gap: bool
    why: str


def final_shifts(
    schedule: Schedule, from_: datetime, to: datetime, *, left_since: datetime | None = None
) -> list[Shift]:  # fmt: skip
    """The final schedule between two instants, without holes: gaps are shifts of nobody.

    Raises InvalidInput where it ends before it begins, or is longer than MOST_DAYS.
    """
    require_period(from_, to)
    return final(rota_of(schedule, from_, to, left_since=left_since), from_, to)


def require_period(from_: datetime, to: datetime) -> None:
    """Raises InvalidInput where it ends before it begins, or is longer than MOST_DAYS."""
    require_near(from_)
    if not from_ < to <= from_ + timedelta(days=MOST_DAYS):
        words = gettext("Ask for a time that ends after it begins, of at most %(days)s days.")
        raise InvalidInput.about("to", words % {"days": MOST_DAYS})


def require_near(at: datetime) -> None:
    """Raises InvalidInput for an instant of other centuries: rotations of then mean nothing."""
    if not 1970 < at.year < 2200:
        raise InvalidInput.about("at", gettext("Ask for an instant of these centuries."))


def on_duty(schedule_id: int, at: datetime, place: Place = "now") -> OnDuty:
    """Who has it at an instant, by the rows as they stand: active people only.

    `next`: those of the following shift with others than now; `previous`: of the one before; `all`: everybody who takes
    turns then. Of a schedule that is not there, or retired: a gap. Raises nothing.
    """
    schedule = Schedule.objects.filter(pk=schedule_id).first()
    if schedule is None or (schedule.retired_at is not None and schedule.retired_at <= at):
        return OnDuty((), None, True, gettext("The schedule is retired."))
    if place == "all":
        return _everybody(schedule, at)
    for look in _LOOK:
        # A second before: the shift that holds at the instant is found whole on both sides.
        shifts = final_shifts(schedule, at - (look if place == "previous" else timedelta(0)), at + look)
        found = _chosen(shifts, at, place)
        if found is not None and (place != "now" or found.end < shifts[-1].end or look == _LOOK[-1]):
            until = found.end if found.end < shifts[-1].end else None
            return OnDuty(found.people, until, not found.people, why(schedule, found))
    return OnDuty((), None, True, gettext("Nobody else takes turns in %(name)s.") % {"name": schedule.name})


def standing(schedules: Collection[Schedule], at: datetime) -> dict[int, tuple[OnDuty, OnDuty]]:
    """Of many schedules, by id, who has it and who is next: a handful of statements, where the next fortnight tells.

    Raises nothing.
    """
    until = at + _LOOK[0]
    rotas = rotas_of(schedules, at, until)
    names = dict(Layer.objects.filter(schedule__in=rotas, first=None).values_list("pk", "name"))
    found = {}
    for one in schedules:
        shifts = final(rotas[one.pk], at, until)
        now, following = _chosen(shifts, at, "now"), _chosen(shifts, at, "next")
        if one.retired_at is not None or now is None or now.end == until or following is None:
            found[one.pk] = on_duty(one.pk, at), on_duty(one.pk, at, "next")
            continue
        first, second = (OnDuty(s.people, s.end, not s.people, why(one, s, names)) for s in (now, following))
        found[one.pk] = first, second
    return found


def _chosen(shifts: list[Shift], at: datetime, place: Place) -> Shift | None:
    number = next(n for n, one in enumerate(shifts) if one.end > at or n == len(shifts) - 1)
    now = shifts[number]
    if place == "now":
        return now
    others = shifts[number + 1 :] if place == "next" else shifts[:number][::-1]
    return next((one for one in others if one.people and set(one.people) != set(now.people)), None)


def _everybody(schedule: Schedule, at: datetime) -> OnDuty:
    rota = rota_of(schedule, at, at + timedelta(minutes=1))
    away = {one.person for one in rota.away if one.start <= at and (one.end is None or at < one.end)}
    ordered = sorted(rota.layers, key=lambda one: one.rank)
    people = dict.fromkeys(one for layer in ordered for slot in layer.slots for one in slot if one not in away)
    words = gettext("Everybody who takes turns in %(name)s and is not away.") % {"name": schedule.name}
    return OnDuty(tuple(people), None, not people, words)


def why(schedule: Schedule, shift: Shift, names: Mapping[int, str] | None = None) -> str:
    """What says that these people are on duty then. `names`: of layers by id, where they were read."""
    if shift.source is Source.GAP:
        return gettext("A gap: no layer of %(name)s has anybody then.") % {"name": schedule.name}
    if shift.source is Source.OVERRIDE:
        override = Override.objects.filter(pk=shift.by or 0).first()
        reason = override.reason if override is not None else ""
        if not shift.people:
            return gettext("Nobody, on purpose: %(reason)s") % {"reason": reason}
        said = gettext("By an override: %(reason)s") % {"reason": reason}
        return said if reason else gettext("By an override.")
    line = shift.line or 0
    called = names.get(line, "") if names is not None else _name_of(line)
    name = {"layer": called, "turn": (shift.turn or 0) + 1}
    if shift.source is Source.SWAP:
        return _in_layer(
            gettext("By a swap of turn %(turn)s."), gettext("By a swap of turn %(turn)s of layer %(layer)s."), name
        )
    return _in_layer(gettext("Turn %(turn)s of the rotation."), gettext("Turn %(turn)s of layer %(layer)s."), name)


def _in_layer(alone: str, named: str, words: dict[str, Any]) -> str:
    """A layer that has no name is not named."""
    return (named if words["layer"] else alone) % words


def _name_of(line: int) -> str:
    layer = Layer.objects.filter(pk=line).first()
    return layer.name if layer is not None else ""


def gaps(schedule: Schedule, from_: datetime, days: int = 30) -> list[Shift]:
    """When nobody is on duty in the days to come; what somebody decided so is no gap."""
    return [one for one in final_shifts(schedule, from_, from_ + timedelta(days=days)) if one.source is Source.GAP]


def names_of(people: "set[int] | frozenset[int]") -> dict[int, User]:
    """The accounts by id, one statement."""
    return User.objects.in_bulk(people)
