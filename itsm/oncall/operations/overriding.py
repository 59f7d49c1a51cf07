"""Overrides: somebody has it, or nobody, whatever the layers say."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell
from itsm.oncall.models import Override, OverridePerson, Schedule
from itsm.oncall.operations.gaps import tell_gaps
from itsm.oncall.operations.schedules import LATE
from itsm.oncall.permissions import overriders
from itsm.oncall.queries.loading import absences

LONGEST = timedelta(days=366)


@transaction.atomic
def override(
    schedule: Schedule,
    *,
    actor: Actor,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    people: Sequence[User] = (),
    nobody: bool = False,
    reason: str = "",
    although_away: bool = False,
    imported_from: str = "",
) -> Override:
    """These people have it from `starts_at` to `ends_at`, or `nobody`, on purpose and with a reason.

    Raises NotPermitted, InvalidInput, Conflict (it begins in the past; somebody is away then and `although_away` is not
    said; somebody is no active person).
    """
    if not overriders(actor, schedule):
        raise NotPermitted(gettext("Overrides are made by who works in the schedule, and by its keepers."))
    starts_at = _checked_times(starts_at, ends_at, at)
    _check_people(people, nobody, reason)
    for person in people:
        require_active(person)
    if not although_away:
        _ask_who_is_away(people, starts_at, ends_at)
    held = lifecycle.locked(schedule)
    made = Override.objects.create(
        schedule=held, starts_at=starts_at, ends_at=ends_at, nobody=nobody, reason=reason.strip(),
        created_by_id=actor.id, created_at=at, imported_from=imported_from,
    )  # fmt: skip
    OverridePerson.objects.bulk_create(OverridePerson(override=made, person=person) for person in people)
    names = [person.username for person in people]
    lifecycle.created(made, actor=actor, changes={"people": [None, names], "schedule": [None, held.slug]}, at=at)
    words = {"name": held.name, "start": f"{starts_at:%Y-%m-%d %H:%M}", "end": f"{ends_at:%Y-%m-%d %H:%M}"}
    tell(
        "schedule_override.created",
        {"assignee": [person.pk for person in people]},
        _("You are on call in %(name)s from %(start)s to %(end)s (UTC)") % words,
        body=reason,
        path=held.get_absolute_url(),
        record=held,
        by=actor.id,
        at=at,
    )
    return made


def withdraw_override(made: Override, *, actor: Actor, version: int | None, at: datetime) -> Override:
    """It holds no more from now on; before it begins, as if it never was. Raises NotPermitted, WrongState (it is over),
    StaleVersion, VersionRequired."""
    if not overriders(actor, made.schedule):
        raise NotPermitted(gettext("Overrides are withdrawn by who works in the schedule, and by its keepers."))
    with lifecycle.edit(made, actor=actor, version=version, event="withdrawn") as current:
        if current.withdrawn_at is None and current.ends_at <= at:
            raise WrongState(gettext("It is over: what has passed stands."))
        current.withdrawn_at = current.withdrawn_at or at
    tell_gaps(current.schedule, at, by=actor.id)
    return current


def _checked_times(starts_at: datetime, ends_at: datetime, at: datetime) -> datetime:
    if not starts_at < ends_at <= starts_at + LONGEST:
        words = gettext("It ends after it begins, at most %(days)s days later.") % {"days": LONGEST.days}
        raise InvalidInput.about("ends_at", words)
    if starts_at < at - LATE:
        raise Conflict(gettext("What has passed stands: let it begin now, or later."))
    if starts_at > at + 2 * LONGEST:
        raise InvalidInput.about("starts_at", gettext("Plan at most two years ahead."))
    if max(starts_at, at) >= ends_at:
        raise Conflict(gettext("It would be over already."))
    return max(starts_at, at)


def _check_people(people: Sequence[User], nobody: bool, reason: str) -> None:
    if nobody == bool(people):
        words = gettext("Name who has it, or say that nobody has, not both.")
        raise InvalidInput.about("people", words)
    if nobody and is_blank(reason):
        raise InvalidInput.about("reason", gettext("Say why nobody is needed."))
    if len({person.pk for person in people}) != len(people):
        raise InvalidInput.about("people", gettext("Somebody is named twice."))
    if programs := [person.username for person in people if not person.is_human]:
        raise InvalidInput.about(
            "people", gettext("%(names)s: programs are not on call.") % {"names": ", ".join(programs)}
        )


def _ask_who_is_away(people: Sequence[User], starts_at: datetime, ends_at: datetime) -> None:
    away = {one.person for one in absences([person.pk for person in people], starts_at, ends_at)}
    if names := [person.username for person in people if person.pk in away]:
        words = gettext("%(names)s has time off then. Say although_away if they agreed.")
        raise Conflict(words % {"names": ", ".join(names)}, needs="although_away")
