"""Who could do something about a service: its team, the first few of each role that decides, and the programs whose
word is heard. One statement."""

from typing import NamedTuple

from django.db import connection

from changes.change.permissions import ANSWERS
from itsm.prepared import Prepared

_IN_TEAM, _OF_A_ROLE, _ATTESTORS = 30, 6, 100


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


class Attests(NamedTuple):
    """An account that is named to vouch for one subject of a service."""

    id: int
    username: str
    about: str


_ACTIVE = "u.is_active AND u.account_type = 'human'"
_NEAR = Prepared(
    "people_near_a_service",
    f"""
(SELECT u.id, u.username, u.roles, true, NULL FROM accounts_user u JOIN accounts_membership m ON m.user_id = u.id
 WHERE m.team_id = %(team)s AND {_ACTIVE} ORDER BY u.username LIMIT {_IN_TEAM})
UNION ALL
(SELECT u.id, u.username, u.roles, false, NULL FROM accounts_user u
 WHERE u.roles @> '{{approver}}' AND {_ACTIVE} ORDER BY u.username LIMIT {_OF_A_ROLE})
UNION ALL
(SELECT u.id, u.username, u.roles, false, NULL FROM accounts_user u
 WHERE u.roles @> '{{owner}}' AND {_ACTIVE} ORDER BY u.username LIMIT {_OF_A_ROLE})
UNION ALL
(SELECT u.id, u.username, u.roles, false, NULL FROM accounts_user u
 WHERE u.roles @> '{{manager}}' AND {_ACTIVE} ORDER BY u.username LIMIT {_OF_A_ROLE})
UNION ALL
(SELECT u.id, u.username, NULL, false, a.about FROM changes_attestor a JOIN accounts_user u ON u.id = a.account_id
 WHERE a.service_id = %(service)s AND a.dismissed_at IS NULL ORDER BY u.username LIMIT {_ATTESTORS})
""",  # noqa: S608 - our own words
    team="bigint",
    service="bigint",
)


def near(team_id: int | None, service_id: int) -> tuple[list[Near], list[Attests]]:
    """People, each once, its team first; and who is named to vouch, by user name. One query."""
    with connection.cursor() as cursor:
        _NEAR.run(cursor, {"team": team_id or 0, "service": service_id})
        found: dict[int, Near] = {}
        attest: list[Attests] = []
        for *who, about in cursor.fetchall():
            if about is None:
                found.setdefault(who[0], Near(*who))
            else:
                attest.append(Attests(who[0], who[1], about))
    return list(found.values()), attest
