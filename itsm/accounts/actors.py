"""From a signed-in account to the `Actor` that operations take."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext

from itsm.accounts.looking import looking
from itsm.accounts.models import User
from itsm.accounts.named_rights import rights_held
from itsm.accounts.own_roles import NAMES_OF_ACCOUNT
from itsm.accounts.queues import teams_and_rights
from itsm.accounts.step_up import proved_at
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.errors import NotPermitted


def actor_for(
    user: User,
    via: Door,
    *,
    scopes: list[str] | None = None,
    request_id: str = "",
    teams: frozenset[int] | None = None,
    rights: frozenset[str] | None = None,
) -> Actor:
    """The account as an actor with its roles, rights and teams as they are now; `teams`, `rights`: as just read."""
    if teams is None or rights is None:
        found, names = _teams_and_names(user.pk) if user.teams_known is None else (user.teams_known, user.rights_known)
        teams = found if teams is None else teams
        rights = rights_held(user.roles, names) if rights is None else rights
    return Actor(
        id=user.pk,
        name=str(user),
        kind=Kind(user.account_type),
        roles=frozenset(Role(role) for role in user.roles),
        teams=teams,
        via=via,
        scopes=None if scopes is None else frozenset(scopes),
        rights=rights,
        request_id=request_id,
        owner_id=user.owner_id,
    )


_TEAMS_AND_NAMES = f"""
SELECT ARRAY(SELECT team_id FROM accounts_membership WHERE user_id = accounts_user.id), {NAMES_OF_ACCOUNT}
FROM accounts_user WHERE id = %s
"""  # noqa: S608 - no input


def _teams_and_names(user_id: int) -> tuple[frozenset[int], frozenset[str]]:
    """Asked once in every request, so it is plain."""
    with connection.cursor() as cursor:
        cursor.execute(_TEAMS_AND_NAMES, [user_id])
        teams, names = cursor.fetchone() or ((), ())
        return frozenset(teams), frozenset(names)


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
    rights: frozenset[str] | None = None
    memo: dict[Any, Any] = {}
    if via is Door.WEB:  # every page counts what lies in queues
        (_queues, teams, rights), memo = teams_and_rights(request.user.pk, frozenset(map(Role, request.user.roles)))
    actor = actor_for(
        request.user,
        via,
        teams=teams,
        rights=rights,
        scopes=getattr(token, "scopes", None),
        request_id=getattr(bare, "request_id", ""),
    )
    actor = replace(actor, memo=memo, proved_at=proved_at(bare) if token is None else None)
    if token is None:
        actor = looking(bare, actor)
    bare.headroom_actor = actor  # type: ignore[attr-defined]
    return actor


def actor_permitted(request: Any, may: Callable[[Actor], bool], refusal: str) -> Actor:
    """The actor of a request, who may. NotPermitted with that sentence else: %(actor_name)s in it is their name."""
    actor = actor_of(request)
    if not may(actor):
        raise NotPermitted(refusal % {"actor_name": actor.name})
    return actor
