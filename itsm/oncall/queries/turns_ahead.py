"""Somebody's own turns to come, and who could cover a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from itsm.accounts.models import User
from itsm.accounts.queues import members_of
from itsm.oncall.engine.values import Shift
from itsm.oncall.models import Schedule
from itsm.oncall.queries.duty import final_shifts
from itsm.oncall.queries.loading import absences


@dataclass(frozen=True, slots=True)
class OwnTurn:
    """A shift that somebody has."""

    schedule: Schedule
    shift: Shift

    @property
    def can_swap(self) -> bool:
        """Whether it is a turn of a layer, which a swap can name."""
        return self.shift.line is not None and self.shift.turn is not None


def schedules_of(person_id: int, at: datetime) -> list[Schedule]:
    """Schedules in which somebody has, or may have, a turn."""
    open_ones = Q(layers__effective_to=None) | Q(layers__effective_to__gt=at)
    held = (
        (Q(layers__slots__person=person_id) & open_ones)
        | Q(overrides__people__person=person_id, overrides__ends_at__gt=at)
        | Q(swaps__in_person=person_id)
    )
    found = Schedule.objects.filter(held, retired_at=None).select_related("team")
    return list(found.distinct().order_by("name", "pk"))


def own_turns(person_id: int, at: datetime, days: int = 28) -> list[OwnTurn]:
    """When somebody is on call in the days to come, soonest first."""
    found = [
        OwnTurn(schedule, shift)
        for schedule in schedules_of(person_id, at)
        for shift in final_shifts(schedule, at, at + timedelta(days=days))
        if person_id in shift.people
    ]
    return sorted(found, key=lambda one: (one.shift.start, one.schedule.name))


def cover(schedule: Schedule, begin: datetime, end: datetime) -> list[User]:
    """Who of the team, and of who takes turns, has no time off and no shift here then: by name."""
    active = User.objects.active_people()
    known = set(members_of(schedule.team_id).values_list("pk", flat=True))
    turns = schedule.layers.filter(effective_to=None).values("slots__person")
    known |= set(active.filter(pk__in=turns).values_list("pk", flat=True))
    busy = {person for shift in final_shifts(schedule, begin, end) for person in shift.people}
    busy |= {one.person for one in absences(known, begin, end)}
    return list(active.filter(pk__in=known - busy).order_by("name", "username"))
