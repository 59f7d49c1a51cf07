"""What becomes of turns when somebody leaves, when two accounts are one person, when teams are merged."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from itsm.oncall.models import OverridePerson, Schedule, Slot, Swap, TimeOff
from itsm.oncall.operations.gaps import tell_gaps
from itsm.oncall.operations.layers import Said, lay, said_now
from itsm.oncall.operations.voiding import SYSTEM, void_swap
from itsm.oncall.vocabulary import SwapStatus


def taking_turns(person: User) -> list[Duty]:
    """Schedules in which somebody takes turns."""
    found = Schedule.objects.filter(
        retired_at=None, layers__effective_to=None, layers__slots__person=person
    ).distinct()  # fmt: skip
    words = gettext("their turns are nobody's")
    return [
        Duty(gettext("on-call schedule"), one.slug, one.name, one.get_absolute_url(), words, passes=True)
        for one in found.order_by("name")
    ]


def any_turn(person: int) -> "list[QuerySet[Any, Any]]":
    """Turns and swaps of somebody: without any there is nothing to hand over."""
    return [Slot.objects.filter(person=person), Swap.objects.filter(in_person=person, status=SwapStatus.TAKEN)]


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """The successor takes their turns from now on; without one their places are nobody's, and the team hears of gaps.

    Raises nothing.
    """
    for duty in taking_turns(person):
        schedule = Schedule.objects.get(slug=duty.reference)
        with lifecycle.edit(schedule, actor=actor, version=None, version_required=False, event="changed") as current:
            if lay(current, [_without(one, person, successor) for one in said_now(current, at)], at):
                current.layers_at = at
        tell_gaps(current, at)
    for swap in Swap.objects.filter(in_person=person, status=SwapStatus.TAKEN).select_related("schedule"):
        void_swap(swap, actor=SYSTEM, because=gettext("%(person)s left.") % {"person": person})


def _without(said: Said, person: User, successor: User | None) -> Said:
    into = () if successor is None else (successor.pk,)
    slots = tuple(
        tuple(dict.fromkeys(there for one in slot for there in (into if one == person.pk else (one,))))
        for slot in said.slots
    )
    return replace(said, slots=slots)


def schedules_of(team: Team) -> list[Duty]:
    """Schedules that a team keeps."""
    found = Schedule.objects.filter(team=team, retired_at=None)
    words = gettext("stays with the team that there was")
    return [
        Duty(gettext("on-call schedule"), one.slug, one.name, one.get_absolute_url(), words, passes=True)
        for one in found
    ]


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """Schedules go to the other team as teams are merged, in the caller's transaction. How many. Raises nothing."""
    count = 0
    for schedule in Schedule.objects.filter(team=old, retired_at=None).order_by("pk"):
        with lifecycle.edit(schedule, actor=actor, version=None, version_required=False, event="changed") as current:
            current.team = new
        count += 1
    return count


def count_of_person(person: User) -> int:
    """How many turns, overrides, swaps and absences are somebody's."""
    swaps = Swap.objects.filter(Q(out_person=person) | Q(in_person=person)).count()
    return sum(model.objects.filter(person=person).count() for model in (Slot, OverridePerson, TimeOff)) + swaps


def follow_person(old: User, new: User, actor: Actor) -> int:
    """What is somebody's is the other account's, in the caller's transaction; what was served stays under the name by
    which it was. How many. Raises nothing."""
    taken = Slot.objects.filter(person=new).values_list("layer_id", "position")
    doubled = [one.pk for one in Slot.objects.filter(person=old) if (one.layer_id, one.position) in set(taken)]
    Slot.objects.filter(pk__in=doubled).delete()
    both = OverridePerson.objects.filter(person=new).values("override_id")
    OverridePerson.objects.filter(person=old, override_id__in=both).delete()
    count = sum(model.objects.filter(person=old).update(person=new) for model in (Slot, OverridePerson, TimeOff))
    for swap in Swap.objects.filter(Q(out_person=old) | Q(in_person=old)).select_related("schedule"):
        other = swap.in_person_id if swap.out_person_id == old.pk else swap.out_person_id
        if other == new.pk:
            continue  # between two accounts that turned out to be one person: it stands as it was
        Swap.objects.filter(pk=swap.pk, out_person=old).update(out_person=new)
        count += Swap.objects.filter(pk=swap.pk, in_person=old).update(in_person=new)
    return count
