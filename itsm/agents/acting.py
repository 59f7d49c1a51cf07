"""From a software agent to the actors of its call: who writes, and whose eyes read."""

from dataclasses import dataclass, replace
from datetime import datetime

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.kernel.actors import Actor, Door, Kind, Role

# An agent works with what its owner works with; what decides, keeps or oversees is a person's alone.
_LENT = frozenset({Role.REQUESTER, Role.AGENT, Role.ENGINEER})


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool. `actor` writes: the agent, with the working roles of its owner, counted as the owner for
    interest and four eyes. `eyes` reads: what the owner may see, and nothing can be written in their name."""

    agent: Agent
    actor: Actor
    eyes: Actor
    at: datetime
    request_id: str = ""

    def holds(self, capability: Capability) -> bool:
        """Whether the token and the agent have it."""
        return self.actor.may_use(capability) and capability in self.agent.capabilities


def call_of(agent: Agent, owner: User, capabilities: frozenset[str], *, at: datetime, request_id: str = "") -> Call:
    """The call of an agent whose token holds these capabilities, with what its owner may do and see now."""
    eyes = actor_for(owner, Door.MCP, request_id=request_id)
    eyes = replace(eyes, looks_only=True, looks_as=f"agent:{agent.pk}", memo={})  # rights in queues are asked once
    actor = Actor(
        id=agent.account_id,
        name=str(agent.account),
        kind=Kind.AGENT,
        roles=eyes.roles & _LENT,
        teams=eyes.teams,
        via=Door.MCP,
        scopes=capabilities,
        request_id=request_id,
        owner_id=owner.pk,
    )
    return Call(agent=agent, actor=actor, eyes=eyes, at=at, request_id=request_id)
