"""What an actor may do in which queue: one statement, asked once per request.

A team that takes work is a queue. Roles say which verbs somebody may use at all, queues say on what: a step needs both.
An open queue is seen by everybody who works here; a confidential one is seen by its members and whom it was granted to,
and for everybody else, administrators too, it does not exist. Headroom itself may work everywhere.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from itsm.accounts import permissions
from itsm.accounts.models import Grant, Membership, QueueRight, Team, User
from itsm.accounts.named_rights import WORK_HERE, rights_held
from itsm.accounts.own_roles import holding
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


def seen_queues(actor: Actor) -> frozenset[int]:
    """The ids of all teams whose records somebody who works here may see."""
    if actor.is_system:
        return frozenset(Team.objects.values_list("pk", flat=True))
    return rights_in_queues(actor).seen


def visible_queues(actor: Actor) -> "QuerySet[Team]":
    """The queues that take work and that the actor may see, by name: to choose from."""
    return Team.objects.queues().exclude(pk__in=rights_in_queues(actor).hidden).order_by("name")


def nameable_queues(actor: Actor) -> "QuerySet[Team]":
    """The queues that the actor may name, seen ones and those that records may only be opened in: all others answer
    like what does not exist. Whether records may be moved there is said when one is."""
    rights = rights_in_queues(actor)
    return Team.objects.queues().exclude(pk__in=rights.hidden - rights.create)


def hidden_slugs(actor: Actor) -> frozenset[str]:
    """The slugs of the queues that the actor may not see."""
    return rights_in_queues(actor).hidden_slugs


def people_with(team_id: int, right: QueueRight) -> "QuerySet[User]":
    """Active people who hold a right in this queue, as members or by a grant, with a role that works here."""
    given = Grant.objects.filter(Q(until=None) | Q(until__gt=Now()), team=team_id, right=right)
    holders = Q(memberships__team=team_id) | Q(pk__in=given.filter(user__isnull=False).values("user"))
    holders |= Q(memberships__team__in=given.filter(member_of__isnull=False).values("member_of"))
    if roles := list(given.exclude(role="").values_list("role", flat=True)):
        holders |= Q(roles__overlap=roles)
    people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
    works_here = ~Q(roles__contained_by=[Role.REQUESTER.value, Role.AUDITOR.value])
    works_here |= ~Q(roles=[Role.AUDITOR.value]) & holding(WORK_HERE)
    return people.filter(holders, works_here).distinct()


def members_of(team_id: int, *, leads_only: bool = False) -> "QuerySet[User]":
    """The active people of a team, or those of them who lead it."""
    people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
    if leads_only:
        return people.filter(memberships__team=team_id, memberships__lead=True)
    return people.filter(memberships__team=team_id)


def who_work_in(team_id: int) -> list[int]:
    """The ids of a queue's own people; of one without members, of some who may work there."""
    members = list(members_of(team_id).values_list("pk", flat=True))
    return members or list(people_with(team_id, QueueRight.CHANGE).values_list("pk", flat=True)[:50])


def who_lead(team_id: int) -> set[int]:
    """The ids of who leads a queue; of one without leads, of the managers who work there."""
    led = set(members_of(team_id, leads_only=True).values_list("pk", flat=True))
    if not led:
        managers = people_with(team_id, QueueRight.CHANGE).filter(roles__contains=[Role.MANAGER.value])
        led = set(managers.values_list("pk", flat=True))
    return led


def leads(actor: Actor, team: Team) -> bool:
    """Whether the actor leads this team, as it stands now."""
    return actor.is_human and Membership.objects.filter(team=team, user=actor.id, lead=True).exists()


def keeps_queue(actor: Actor, team: Team) -> bool:
    """Administrators, and the leads of the team."""
    return permissions.people_keepers(actor) or leads(actor, team)


def teams_led_by(actor: Actor, *, only_queues: bool = False) -> frozenset[int]:
    """The ids of the teams that a person leads, as it stands now; of a program and of Headroom itself none."""
    if not actor.is_human or actor.id is None:
        return frozenset()
    led = Membership.objects.filter(user=actor.id, lead=True)
    return frozenset((led.filter(team__takes_work=True) if only_queues else led).values_list("team_id", flat=True))
