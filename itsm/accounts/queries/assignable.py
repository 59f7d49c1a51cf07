"""Who and which queue may be given work."""

from collections.abc import Collection

from django.db import connection
from django.db.models import QuerySet

from itsm.accounts.models import User
from itsm.prepared import Prepared

_PEOPLE = Prepared(
    "accounts_assignable",
    """
SELECT id, coalesce(nullif(name, ''), username) FROM accounts_user
WHERE account_type = 'human' AND is_active AND NOT roles <@ ARRAY['requester']::varchar(20)[]
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
    """People who work here: active, and with another role than requester's alone; by name."""
    people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
    return people.exclude(roles__contained_by=["requester"]).order_by("name", "username")


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
