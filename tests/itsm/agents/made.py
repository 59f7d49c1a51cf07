"""Software agents for tests, as they stand once connected."""

from datetime import datetime

from django.utils import timezone

from itsm.accounts.models import User
from itsm.agents.acting import Call, call_of
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent


def an_agent(owner: User, *capabilities: Capability, username: str = "") -> Agent:
    """An agent of that person, with these capabilities; all where none is named."""
    account = User(username=username or f"agent-of-{owner.username}", account_type="agent", owner=owner, roles=[])
    account.set_unusable_password()
    account.save()
    return Agent.objects.create(account=account, capabilities=[*(capabilities or Capability)])


def a_call(agent: Agent, at: datetime | None = None) -> Call:
    """A call with all that the agent was given."""
    owner = agent.account.owner
    assert owner is not None
    return call_of(Agent.objects.get(pk=agent.pk), owner, frozenset(agent.capabilities), at=at or timezone.now())
