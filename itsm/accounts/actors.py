"""From a signed-in account to the `Actor` that operations take."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.accounts.queues import teams_and_rights
from itsm.accounts.step_up import proved_at
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.errors import NotPermitted


def actor_for(
    user: User, via: Door, *, scopes: list[str] | None = None, request_id: str = "", teams: frozenset[int] | None = None
) -> Actor:
    """The account as an actor with its roles and teams as they are now; `teams`: where they were just read."""
    if teams is None:
        teams = _teams(user.pk) if user.teams_known is None else user.teams_known
    return Actor(
        id=user.pk,
        name=str(user),
        kind=Kind(user.account_type),
        roles=frozenset(Role(role) for role in user.roles),
        teams=teams,
        via=via,
        scopes=None if scopes is None else frozenset(scopes),
        request_id=request_id,
        owner_id=user.owner_id,
    )


def _teams(user_id: int) -> frozenset[int]:
    """Asked once in every request, so it is plain."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT team_id FROM accounts_membership WHERE user_id = %s", [user_id])
        return frozenset(team_id for (team_id,) in cursor.fetchall())


def actor_of(request: Any) -> Actor:
    """The actor of a page's or an API's request, worked out once per request."""
    bare: HttpRequest = getattr(request, "_request", request)
    known: Actor | None = getattr(bare, "headroom_actor", None)
    if known is not None:
        return known
    if isinstance(request.user, AnonymousUser) or not isinstance(request.user, User):
        raise NotPermitted(gettext("Sign in first."))
    token = getattr(request, "auth", None)
    via = Door.API if bare.path_info.startswith("/api/") else Door.WEB
    teams: frozenset[int] | None = None
    memo: dict[Any, Any] = {}
    if via is Door.WEB:  # every page counts what lies in queues
        teams, memo = teams_and_rights(request.user.pk, frozenset(map(Role, request.user.roles)))
    actor = actor_for(
        request.user,
        via,
        teams=teams,
        scopes=getattr(token, "scopes", None),
        request_id=getattr(bare, "request_id", ""),
    )
    actor = replace(actor, memo=memo, proved_at=proved_at(bare) if token is None else None)
    bare.headroom_actor = actor  # type: ignore[attr-defined]
    return actor


def actor_permitted(request: Any, may: Callable[[Actor], bool], refusal: str) -> Actor:
    """The actor of a request, who may. NotPermitted with that sentence else: %(actor_name)s in it is their name."""
    actor = actor_of(request)
    if not may(actor):
        raise NotPermitted(refusal % {"actor_name": actor.name})
    return actor
