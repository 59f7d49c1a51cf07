"""What somebody reaches with some rights alone: requests to the API and steps of records, by asking their own entries."""

from collections.abc import Collection
from dataclasses import replace

import itsm.api_urls  # noqa: F401 - the requests that there are
from itsm.accounts.named_rights import with_included
from itsm.accounts.queues import QueueRights, with_rights
from itsm.accounts.rights import ANYBODYS, TEAMS, steps_of
from itsm.api.routing import Router
from itsm.kernel.actors import Actor, Door, Kind, Role

TEAM = 7
BARE = Actor(
    id=1_000_000, name="Bo", kind=Kind.HUMAN, roles=frozenset({Role.REQUESTER}), teams=frozenset({TEAM}), via=Door.API
)
# In a team that is a queue: the widest that anybody has without a role.
QUEUES = QueueRights(
    seen=frozenset({TEAM}), change=frozenset({TEAM}), assign=frozenset({TEAM}), create=frozenset({TEAM})
)


def holder(*names: str, of: Actor = BARE, roles: Collection[Role] | None = None) -> Actor:
    """Somebody with these rights, and built-in roles where some are said."""
    held = frozenset(of.roles if roles is None else roles)
    return with_rights(replace(of, roles=held, rights=with_included(frozenset(names))), QUEUES)


def reached(actor: Actor) -> frozenset[str]:
    """Requests and steps, a line each; of steps on which records."""
    requests = {
        f"{action} {prefix}"
        for prefix, viewset in Router.registered
        for action, entry in viewset.policy.items()
        if entry.who(actor)
    }
    steps = {
        f"step {right.record}.{right.step.action} {whose}"
        for right in steps_of(actor)
        for whose in {ANYBODYS, TEAMS} & set(right.on)
    }
    return frozenset(requests | steps)
