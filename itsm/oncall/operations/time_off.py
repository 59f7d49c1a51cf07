"""Time off: turns of who is away fall to the layer below."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.oncall.models import Schedule, TimeOff
from itsm.oncall.operations.gaps import tell_gaps
from itsm.oncall.permissions import keepers_of_time_off

LONGEST = timedelta(days=3 * 366)


@transaction.atomic
def take_time_off(
    person: User, *, actor: Actor, starts_at: datetime, ends_at: datetime, at: datetime, note: str = ""
) -> TimeOff:
    """Somebody is away; the teams of their schedules hear of gaps that it makes.

    Raises NotPermitted, InvalidInput (it ends before it begins, a program), Conflict (it is over, not active).
    """
    if not keepers_of_time_off(actor, person):
        raise NotPermitted(gettext("You say when you are away yourself; change managers may for others."))
    if not person.is_human:
        raise InvalidInput.about("person", gettext("Programs have no time off."))
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise InvalidInput.about("ends_at", gettext("It ends after it begins, at most three years later."))
    if ends_at <= at:
        raise Conflict(gettext("That is over: what has passed stands."))
    require_active(person)
    made = TimeOff.objects.create(
        person=person, starts_at=max(starts_at, at), ends_at=ends_at, note=note.strip(), created_at=at
    )
    lifecycle.created(made, actor=actor, changes={"person": [None, person.username]}, at=at)
    _tell_gaps(person, at, actor.id)
    return made


def cancel_time_off(made: TimeOff, *, actor: Actor, version: int | None, at: datetime) -> TimeOff:
    """They are there after all. Raises NotPermitted, WrongState (it is over), StaleVersion, VersionRequired."""
    if not keepers_of_time_off(actor, made.person):
        raise NotPermitted(gettext("You say when you are away yourself; change managers may for others."))
    with lifecycle.edit(made, actor=actor, version=version, event="taken_back") as current:
        if current.ends_at <= at:
            raise WrongState(gettext("It is over: what has passed stands."))
        if current.starts_at < at and current.cancelled_at is None:
            current.ends_at = at  # what was, was
        else:
            current.cancelled_at = current.cancelled_at or at
    return current


def _tell_gaps(person: User, at: datetime, by: int | None) -> None:
    held = Q(layers__effective_to=None) | Q(layers__effective_to__gt=at)
    for schedule in Schedule.objects.filter(held, layers__slots__person=person, retired_at=None).distinct():
        tell_gaps(schedule, at, by=by)
