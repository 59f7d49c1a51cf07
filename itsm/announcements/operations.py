"""Every write to announcements."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts import audiences
from itsm.accounts.models import Team
from itsm.announcements.models import Announcement
from itsm.announcements.permissions import announcers
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

LONGEST = timedelta(days=366)


@transaction.atomic
def publish(
    *,
    actor: Actor,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    body: str = "",
    kind_of: str = Announcement.Kind.NEWS,
    audience: Any = None,
    service: Any = None,
) -> Announcement:
    """Say something to an audience; None: to everybody. `service`: a service that the actor may see, or None.

    Raises NotPermitted, InvalidInput.
    """
    _require_announcer(actor)
    made = Announcement(
        title=title.strip(), body=body, kind_of=kind_of, service=service, starts_at=starts_at, ends_at=ends_at,
        audience=audiences.normal(audience if audience is not None else audiences.everybody()),
        written_by_id=actor.id,
    )  # fmt: skip
    _check(made)
    lifecycle.require_readable(made)
    made.save(force_insert=True)
    told = {"title": [None, made.title], "audience": [None, made.audience]}
    return lifecycle.created(made, actor=actor, changes=told)


def edit(announcement: Announcement, *, actor: Actor, version: int | None, **said: Any) -> Announcement:
    """Change title, body, kind_of, audience, service, starts_at or ends_at of one that is not over.

    Raises NotPermitted, InvalidInput, WrongState, StaleVersion, VersionRequired.
    """
    _require_announcer(actor)
    with lifecycle.edit(announcement, actor=actor, version=version) as current:
        if current.withdrawn_at is not None:
            raise WrongState(gettext("It was withdrawn: publish another one."), state="withdrawn")
        if "audience" in said:
            said["audience"] = audiences.normal(said["audience"])
        for name, value in said.items():
            setattr(current, name, value.strip() if name == "title" else value)
        _check(current)
    return current


def withdraw(announcement: Announcement, *, actor: Actor, at: datetime, version: int | None = None) -> Announcement:
    """It is said no longer; what was said stays in the list of those who work here.

    Raises NotPermitted, WrongState (it was already), StaleVersion.
    """
    _require_announcer(actor)
    with lifecycle.edit(
        announcement, actor=actor, version=version, version_required=False, event="withdrawn"
    ) as current:
        if current.withdrawn_at is not None:
            raise WrongState(gettext("It was withdrawn already."), state="withdrawn")
        current.withdrawn_at = at
    return current


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """What is said to a team that is merged is said to the other one. How many. Raises nothing."""
    found = Announcement.objects.filter(audience__contains=[f"team:{old.pk}"]).order_by("pk")
    for one in found:
        with lifecycle.edit(one, actor=actor, version=None, version_required=False) as current:
            current.audience = audiences.without_team(current.audience, old, new)
    return len(found)


def _require_announcer(actor: Actor) -> None:
    if not announcers(actor):
        raise NotPermitted(gettext("The desk, service owners, change managers and administrators announce."))


def _check(said: Announcement) -> None:
    wrong: dict[str, list[str]] = {}
    if said.kind_of not in Announcement.Kind.values:
        wrong["kind_of"] = [gettext("Say one of: %(words)s.") % {"words": ", ".join(Announcement.Kind.values)}]
    if said.ends_at <= said.starts_at:
        wrong["ends_at"] = [gettext("It ends after it starts.")]
    elif said.ends_at - said.starts_at > LONGEST:
        wrong["ends_at"] = [gettext("Nothing is announced for longer than a year.")]
    if said.service is not None and not audiences.lies_within(said.audience, said.service.audience):
        wrong["service"] = [gettext("Some of those who would read it may not see that service.")]
    if wrong:
        raise InvalidInput(gettext("This cannot be announced."), wrong)
