"""The people nearest to a service: its team, and the first few of each role that decides. One statement."""

from typing import NamedTuple

from django.db import connection

from changes.change.permissions import ANSWERS
from itsm.prepared import Prepared

_IN_TEAM, _OF_A_ROLE = 30, 6


class Near(NamedTuple):
    """A person, with their built-in roles."""

    id: int
    username: str
    roles: list[str]
    in_team: bool

    @property
    def answers(self) -> bool:
        """Whether they answer as a member of a team that is asked."""
        return bool({*self.roles} & {*ANSWERS.team_roles})


_ACTIVE = "u.is_active AND u.account_type = 'human'"
_NEAR = Prepared(
    "people_near_a_service",
    f"""
(SELECT u.id, u.username, u.roles, true FROM accounts_user u JOIN accounts_membership m ON m.user_id = u.id
 WHERE m.team_id = %(team)s AND {_ACTIVE} ORDER BY u.username LIMIT {_IN_TEAM})
UNION ALL
(SELECT u.id, u.username, u.roles, false FROM accounts_user u
 WHERE u.roles @> '{{approver}}' AND {_ACTIVE} ORDER BY u.username LIMIT {_OF_A_ROLE})
UNION ALL
(SELECT u.id, u.username, u.roles, false FROM accounts_user u
 WHERE u.roles @> '{{owner}}' AND {_ACTIVE} ORDER BY u.username LIMIT {_OF_A_ROLE})
UNION ALL
(SELECT u.id, u.username, u.roles, false FROM accounts_user u
 WHERE u.roles @> '{{manager}}' AND {_ACTIVE} ORDER BY u.username LIMIT {_OF_A_ROLE})
""",  # noqa: S608 - our own words
    team="bigint",
)


def near(team_id: int | None) -> list[Near]:
    """Each once, its team first. One query."""
    with connection.cursor() as cursor:
        _NEAR.run(cursor, {"team": team_id or 0})
        found: dict[int, Near] = {}
        for row in cursor.fetchall():
            found.setdefault(row[0], Near(*row))
    return list(found.values())
