"""What somebody may see and do in which queue, read once for an actor."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from itsm.accounts import permissions
from itsm.accounts.named_rights import rights_held
from itsm.kernel.actors import Actor, Kind, Role
from itsm.prepared import Prepared


@dataclass(frozen=True, slots=True)
class QueueRights:
    """Ids of teams. `hidden`: confidential ones whose records the actor may not see (`hidden_slugs`: what these are
    called), `seen`: all others there were, `confidential`: those of them whose reading is noted; `opens_anywhere`: may
    open records in every open queue."""

    hidden: frozenset[int] = frozenset()
    hidden_slugs: frozenset[str] = frozenset()
    seen: frozenset[int] = frozenset()
    confidential: frozenset[int] = frozenset()
    change: frozenset[int] = frozenset()
    assign: frozenset[int] = frozenset()
    create: frozenset[int] = frozenset()
    everywhere: bool = False
    opens_anywhere: bool = False

    def sees(self, team_id: int | None) -> bool:
        return team_id not in self.hidden

    def may_change(self, team_id: int | None) -> bool:
        return self.everywhere or team_id in self.change

    def may_assign(self, team_id: int | None) -> bool:
        return self.everywhere or team_id in self.assign

    def may_create(self, team_id: int | None) -> bool:
        return self.everywhere or team_id in self.create or (self.opens_anywhere and team_id not in self.hidden)


_EVERYTHING = QueueRights(everywhere=True, opens_anywhere=True)
_ASKED = Prepared(
    "rights_in_queues",
    """
WITH mine AS (SELECT team_id FROM accounts_membership WHERE user_id = %(me)s),
given AS (
    SELECT team_id, "right" FROM accounts_grant
    WHERE (until IS NULL OR until > now())
      AND (user_id = %(me)s OR role = ANY (%(roles)s) OR member_of_id IN (SELECT team_id FROM mine))
),
every AS (
    SELECT id, slug, confidential,
           confidential AND id NOT IN (SELECT team_id FROM mine) AND id NOT IN (SELECT team_id FROM given) AS hidden
    FROM accounts_team
)
SELECT ARRAY(SELECT id FROM every WHERE hidden),
       ARRAY(SELECT slug FROM every WHERE hidden),
       ARRAY(SELECT id FROM every WHERE NOT hidden),
       ARRAY(SELECT id FROM every WHERE NOT hidden AND confidential),
       ARRAY(SELECT team_id FROM mine),
       ARRAY(SELECT team_id FROM given WHERE "right" = 'change'),
       ARRAY(SELECT team_id FROM given WHERE "right" = 'assign'),
       ARRAY(SELECT team_id FROM given WHERE "right" = 'create'),
       ARRAY(
         SELECT unnest(o.rights) FROM accounts_ownrole o
         WHERE o.retired_at IS NULL AND o.slug IN (SELECT unnest(own_roles) FROM accounts_user WHERE id = %(me)s)
       )
""",
    me="bigint",
    roles="text[]",
)


def rights_in_queues(actor: Actor) -> QueueRights:
    """As they stand now; within one request as they stood when it was first asked."""
    if actor.is_system:
        return _EVERYTHING
    if actor.memo is None:
        return _read(actor.id, actor.roles, actor.rights).queues
    key = _key(actor.id, actor.roles, actor.rights)
    if key not in actor.memo:
        actor.memo[key] = _read(actor.id, actor.roles, actor.rights).queues
    found: QueueRights = actor.memo[key]
    return found


class Known(NamedTuple):
    """Of an account: its rights in queues, its teams, and the named rights of its own roles."""

    queues: QueueRights
    teams: frozenset[int]
    rights: frozenset[str]


def teams_and_rights(user_id: int, roles: frozenset[Role]) -> tuple[Known, dict[Any, Any]]:
    """The teams and named rights of an account, and a memo that knows its rights in queues: a page asks for all."""
    known = _read(user_id, roles, None)
    return known, {_key(user_id, roles, known.rights): known.queues}


def known_of(user_id: int, roles: frozenset[Role], rights: frozenset[str] | None = None) -> Known:
    """The same of any account (0: nobody's) with these roles; `rights`: named ones, None for the account's own."""
    return _read(user_id, roles, rights)


class Asker(NamedTuple):
    """Who asks, and with which rights in queues: a value, by which a statement may be kept (`itsm.composed`)."""

    who: Actor
    rights: QueueRights

    @classmethod
    def of(cls, actor: Actor) -> "Asker":
        return cls(replace(actor, memo=None), rights_in_queues(actor))

    @property
    def actor(self) -> Actor:
        """The actor again, who knows these rights and nothing else of what was read in that request."""
        return with_rights(self.who, self.rights)


def seen_by_both(theirs: QueueRights, own: QueueRights) -> QueueRights:
    """What somebody sees who looks with the rights of others: nothing that is hidden from themselves."""
    return replace(
        theirs,
        hidden=theirs.hidden | own.hidden,
        hidden_slugs=theirs.hidden_slugs | own.hidden_slugs,
        seen=theirs.seen & own.seen,
        confidential=theirs.confidential | own.confidential,
        change=theirs.change - own.hidden,
        assign=theirs.assign - own.hidden,
        create=theirs.create - own.hidden,
    )


def with_rights(actor: Actor, rights: QueueRights) -> Actor:
    """The actor, who knows these rights in queues and reads none."""
    return replace(actor, memo={_key(actor.id, actor.roles, actor.rights): rights})


def _key(user_id: int | None, roles: frozenset[Role], rights: frozenset[str]) -> tuple[Any, ...]:
    return ("queues", user_id, roles, rights)


@lru_cache(maxsize=2000)
def _one_of(found: frozenset[Any]) -> frozenset[Any]:
    """The same set for all equal ones: statements are kept by what their readers see, and most see the same."""
    return found


def _read(user_id: int | None, roles: frozenset[Role], rights: frozenset[str] | None) -> Known:
    """`rights`: the named ones that count; None: those that the account has now. Grants are to built-in roles: what a
    right lends opens no queue."""
    with connection.cursor() as cursor:
        _ASKED.run(cursor, {"me": user_id, "roles": [role.value for role in roles]})
        found = map(_one_of, map(frozenset, cursor.fetchone()))
        hidden, slugs, seen, confidential, mine, change, assign, create, names = found
    if rights is None:
        rights = rights_held(roles, names)
    who = Actor(id=user_id, name="", kind=Kind.HUMAN, roles=roles, rights=rights)
    queues = QueueRights(
        hidden=hidden,
        hidden_slugs=slugs,
        seen=seen,
        confidential=confidential,
        change=mine | change,
        assign=mine | assign,
        create=mine | create,
        opens_anywhere=permissions.openers(who),
    )
    return Known(queues, mine, rights)
