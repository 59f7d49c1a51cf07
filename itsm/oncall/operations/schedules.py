"""Making, changing and retiring schedules."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.accounts.operations import require_standing
from itsm.clocks.hours_format import zones
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.oncall.models import Schedule
from itsm.oncall.operations.gaps import tell_gaps
from itsm.oncall.operations.layers import Said, checked, lay
from itsm.oncall.operations.voiding import void_what_is_over
from itsm.oncall.permissions import keepers
from itsm.oncall.queries.listing import in_use
from itsm.slugs import free_slug, slug_shape

# What is sent a moment late still holds from now on.
LATE = timedelta(minutes=5)


@transaction.atomic
def create_schedule(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    team: Team,
    zone: str,
    slug: str = "",
    layers: Sequence[Said] = (),
    imported_from: str = "",
) -> Schedule:
    """A schedule whose layers hold from `at` on. Nobody is paged by it before it goes live.

    Raises NotPermitted, InvalidInput (zone, layers), Conflict (slug taken, team retired).
    """
    made = Schedule(name=name.strip(), team=team, zone=_known(zone), created_at=at, imported_from=imported_from)
    if not keepers(actor, made):
        raise _not_kept()
    require_standing(team)
    made.slug = slug or free_slug(made.name, Schedule.objects, otherwise="schedule")
    if slug:
        _check_slug(slug)
    lifecycle.require_readable(made)
    said = checked(layers, zone)
    made.layers_at = at if said else None
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(gettext("There is a schedule %(slug)s already.") % {"slug": made.slug}) from error
    lay(made, said, at)
    lifecycle.created(made, actor=actor, changes={"name": [None, made.name], "team": [None, team.slug]}, at=at)
    return made


@transaction.atomic
def edit_schedule(
    schedule: Schedule,
    *,
    actor: Actor,
    version: int | None,
    at: datetime,
    layers: Sequence[Said] | None = None,
    from_: datetime | None = None,
    **said: Any,
) -> Schedule:
    """Another name, team or zone (`said`), and other layers from `from_` (now) on, the first on top.

    What held before stands, and layers keep the zones that they have. Swaps of turns that are no longer that person's
    become void, and both are told; so is the team of gaps. Raises NotPermitted, InvalidInput, Conflict (it would change
    what has passed; the team is retired), StaleVersion, VersionRequired.
    """
    _keeper(actor, schedule)
    since = _since(from_, at)
    with lifecycle.edit(schedule, actor=actor, version=version, event="changed") as current:
        if "team" in said and said["team"].pk != current.team_id:
            require_standing(said["team"])
            current.team = said["team"]
            _keeper(actor, current)
        if "zone" in said:
            current.zone = _known(said["zone"])
        if "name" in said:
            current.name = said["name"].strip()
        if layers is not None and lay(current, checked(layers, current.zone), since):
            current.layers_at = at if current.layers_at != at else at + timedelta(microseconds=1)
            void_what_is_over(current, at)
    if layers is not None:
        tell_gaps(current, at, by=actor.id)
    return current


def _since(from_: datetime | None, at: datetime) -> datetime:
    since = at if from_ is None else from_
    if since < at - LATE:
        raise Conflict(gettext("What has passed stands: let it hold from now on, or later."))
    if since > at + timedelta(days=366):
        raise InvalidInput.about("from", gettext("Plan at most a year ahead."))
    return max(since, at)


def go_live(schedule: Schedule, *, actor: Actor, version: int | None, at: datetime) -> Schedule:
    """From now on it pages. Raises NotPermitted, WrongState (no layers, retired), StaleVersion, VersionRequired."""
    _keeper(actor, schedule)
    with lifecycle.edit(schedule, actor=actor, version=version, event="went_live") as current:
        if current.retired_at is not None or current.layers_at is None:
            raise WrongState(gettext("It has no layers yet, or is retired: nobody would be paged."))
        current.live_at = current.live_at or at
    return current


def retire_schedule(schedule: Schedule, *, actor: Actor, version: int | None, at: datetime) -> Schedule:
    """It pages nobody any more; what was stays. Raises NotPermitted, Conflict (policies page by it), StaleVersion,
    VersionRequired."""
    _keeper(actor, schedule)
    with lifecycle.edit(schedule, actor=actor, version=version, event="retired") as current:
        if users := in_use(current):
            words = gettext("%(users)s page by it: let them page by another one first.")
            raise Conflict(words % {"users": ", ".join(users[:5])})
        current.retired_at = current.retired_at or at
    return current


def _keeper(actor: Actor, schedule: Schedule) -> None:
    if not keepers(actor, schedule):
        raise _not_kept()


def _not_kept() -> NotPermitted:
    return NotPermitted(gettext("Schedules are kept by who leads their team, change managers and administrators."))


def _known(zone: str) -> str:
    if zone not in zones():
        words = gettext("There is no zone %(zone)s; write one such as Europe/Berlin.") % {"zone": zone[:64]}
        raise InvalidInput.about("zone", words)
    return zone


def _check_slug(slug: str) -> None:
    try:
        slug_shape(slug)
    except ValidationError as error:
        raise InvalidInput.about("slug", str(error.message)) from error
