"""Who and which queue may be given work."""

from collections.abc import Collection

from django.db import connection
from django.db.models import Q, QuerySet

from itsm.accounts.models import Membership, User
from itsm.prepared import Prepared

_PEOPLE = Prepared(
    "accounts_assignable",
    """
SELECT id, coalesce(nullif(name, ''), username) FROM accounts_user
WHERE account_type = 'human' AND is_active AND NOT (roles <@ ARRAY['requester']::varchar(20)[] AND own_roles = '{}')
ORDER BY name, username LIMIT 300
""",
)
_QUEUES = Prepared(
    "accounts_queues",
    """
SELECT id, name FROM accounts_team
WHERE takes_work AND retired_at IS NULL AND NOT id = ANY (%(without)s) AND (%(anywhere)s OR id = ANY (%(among)s))
ORDER BY name LIMIT 200
""",
    without="bigint[]",
    anywhere="boolean",
    among="bigint[]",
)


def assignable() -> QuerySet[User]:
    """People who work here: active, with another role than requester's alone or with an own one; by name."""
    people = User.objects.active_people()
    return people.exclude(roles__contained_by=["requester"], own_roles=[]).order_by("name", "username")


def around(person_id: int) -> QuerySet[User]:
    """Whom somebody knows without the list of people: those of their teams, and one step up and down the line."""
    own = User.objects.filter(pk=person_id)
    teams = Membership.objects.filter(user=person_id).values("team")
    near = (
        Q(memberships__team__in=teams)
        | Q(manager=person_id)
        | Q(reports=person_id)
        | Q(manager__in=own.exclude(manager=None).values("manager"))
    )
    return User.objects.active_people().filter(near).distinct()


def assignable_names() -> list[tuple[int, str]]:
    """The first 300 of them with their names, to choose from."""
    with connection.cursor() as cursor:
        _PEOPLE.run(cursor, {})
        found: list[tuple[int, str]] = cursor.fetchall()
        return found


def queue_names(without: Collection[int], among: Collection[int] | None = None) -> list[tuple[int, str]]:
    """The first 200 queues with their names, to choose from; `among`: of these only."""
    given = {"without": list(without), "anywhere": among is None, "among": list(among or ())}
    with connection.cursor() as cursor:
        _QUEUES.run(cursor, given)
        found: list[tuple[int, str]] = cursor.fetchall()
        return found
