"""Software agents, and what they may draw of a service's headroom."""

from datetime import datetime
from decimal import Decimal

from catalog.models import Service
from changes.allowances import operations
from changes.models import Allowance
from itsm.accounts.models import Team, User
from itsm.agents.acting import call_of
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.kernel.actors import Actor
from tests.factories.slo import T0


def an_agent(owner: User, username: str = "coding-agent") -> User:
    """A software agent that acts for this person."""
    account = User(username=username, account_type=User.AccountType.AGENT, owner=owner)
    account.set_unusable_password()
    account.save()
    Agent.objects.create(account=account, capabilities=[Capability.GATE])
    return account


def acting(agent: User, at: datetime = T0) -> Actor:
    """Who writes when this agent calls the gate."""
    assert agent.owner is not None
    return call_of(agent.agent, agent.owner, frozenset({Capability.GATE}), at=at).actor


def given(service: Service, holder: User | Team, by: Actor, share: str = "0.5", at: datetime = T0) -> Allowance:
    """Somebody gave the agent, or the team, this share."""
    whose = {"team": holder} if isinstance(holder, Team) else {"agent": holder}
    return operations.give(actor=by, service=service, share=Decimal(share), at=at, **whose)
