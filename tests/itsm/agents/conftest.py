from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.models import User
from itsm.agents import operations
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent


@pytest.fixture
def connected(engineer: User, as_actor: Callable[..., Any]) -> Agent:
    """The engineer's agent, which may do all that an agent may."""
    return operations.connect(
        actor=as_actor(engineer), name="Claude Code", capabilities=Capability.values, at=timezone.now()
    )


@pytest.fixture
def text_of(as_actor: Callable[..., Any]) -> Callable[..., str]:
    """The text of a new token of an agent."""

    def issue(agent: Agent, **words: Any) -> str:
        actor = as_actor(agent.account.owner)
        return operations.issue_token(agent, actor=actor, at=timezone.now(), **words)[1]

    return issue
