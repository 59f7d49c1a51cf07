"""The desk of the replay: who speaks through the door, and the one service that they speak about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from changes.change.operations import people_decide
from changes.change.queries.listing import by_reference
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.home.demo.replay.client import Door
from itsm.home.demo.replay.incidents import TARGET, WINDOW_DAYS
from itsm.kernel.actors import Actor, Role
from itsm.kernel.actors import Door as Through

SERVICE, OBJECTIVE, INDICATOR = "read-the-docs", "pages-answered", "pages"
_INSTALLER = Actor.system("replay", Through.COMMAND)
# Longer than the releases last; the default would run out in between.
_FOR_YEARS = timedelta(days=2000)
_PEOPLE = {
    "owner": (Role.OWNER, "human"),
    "approver": (Role.APPROVER, "human"),
    "manager": (Role.MANAGER, "human"),
    "agent": (Role.AGENT, "human"),
    "builder": (Role.ENGINEER, "human"),
    "administrator": (Role.ADMIN, "human"),
    "pipeline": (Role.ENGINEER, "service"),
    "code-host": (Role.ENGINEER, "service"),
    "monitoring": (Role.ENGINEER, "service"),
}
# Who answers for the programs: two people, so that one program may vouch for, and measure, what the other asks.
_OWNERS = {"pipeline": "builder", "code-host": "administrator", "monitoring": "administrator"}


@dataclass(frozen=True, slots=True)
class Desk:
    """`say("pipeline", "POST", "gate-evaluations/", {...})`: one principal, one request, one answer."""

    door: Door
    tokens: dict[str, str]

    def say(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        return self.door.send(self.tokens[who], method, path, body, **headers)

    def decide_in_person(self, who: str, number: str, *, at: datetime, decision: str, comment: str) -> None:
        """What asks for a password, which a token is not and nobody has here: the operator's command says it."""
        actor = actor_for(User.objects.get(username=who), Through.COMMAND)
        change = by_reference(actor, number)
        people_decide.decide_by_person(change, actor=actor, decision=decision, comment=comment, at=at)


def set_up(door: Door) -> Desk:
    """Accounts by operation (as an installer does), everything else through the door."""
    tokens: dict[str, str] = {}
    users: dict[str, User] = {}
    for name, (role, account_type) in _PEOPLE.items():
        user = users[name] = accounts.add_user(
            actor=_INSTALLER,
            username=name,
            roles=[role],
            account_type=account_type,
            owner=users.get(_OWNERS.get(name, "")),
        )
        _, tokens[name] = accounts.issue_token(user, actor=_INSTALLER, name="replay", lifetime=_FOR_YEARS)
    desk = Desk(door, tokens)
    desk.say("owner", "POST", "services/", {"slug": SERVICE, "name": "Read the Docs", "tier": 2, "depends_on": []})
    desk.say("owner", "POST", "attestors/", {"service": SERVICE, "about": "peer_review", "account": "code-host"})
    desk.say(
        "monitoring",
        "POST",
        "slos/",
        {
            "slug": OBJECTIVE, "name": "Pages answer in time", "service": SERVICE, "environment": "production",
            "target": TARGET, "window_days": WINDOW_DAYS, "gating": True,
            "indicator": {"slug": INDICATOR, "source": "push"},
        },
    )  # fmt: skip
    return desk
