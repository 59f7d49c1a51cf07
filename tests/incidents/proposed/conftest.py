"""A desk with an incident, and a software agent of one of its people."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.agents.acting import Call, call_of
from itsm.agents.models import Agent
from itsm.proposals import operations
from itsm.proposals.models import Proposal

PROPOSE = frozenset({"desk:read", "desk:propose"})


def agent_of(owner: User, name: str = "claude") -> Agent:
    """A software agent of this person."""
    account = User(username=name, account_type="agent", owner=owner, roles=[])
    account.set_unusable_password()
    account.save()
    return Agent.objects.create(account=account, capabilities=sorted(PROPOSE))


@pytest.fixture
def desk(agent: User, engineer: User) -> Team:
    made = Team.objects.create(name="Desk", slug="desk", takes_work=True)
    Membership.objects.create(user=agent, team=made)
    Membership.objects.create(user=engineer, team=made)
    return made


@pytest.fixture
def incident(desk: Team, requester: User) -> Incident:
    return Incident.objects.create(
        title="Cannot print", team=desk, caller=requester, opened_by=requester, opened_at=timezone.now()
    )


@pytest.fixture
def claude(engineer: User, desk: Team) -> Agent:
    return agent_of(engineer)


@pytest.fixture
def call(claude: Agent, engineer: User) -> Call:
    return call_of(claude, engineer, PROPOSE, at=timezone.now())


@pytest.fixture
def proposed(call: Call, incident: Incident) -> Callable[..., Proposal]:
    """What this agent proposes about the incident."""

    def make(kind: str = "fields", /, about: Any = None, **body: Any) -> Proposal:
        return operations.propose(
            actor=call.actor, eyes=call.eyes, at=timezone.now(), kind=kind, reference=(about or incident).reference,
            body=body, reason="Nobody prints on this floor.", source="INC-7, the caller's second mail",
        )  # fmt: skip

    return make
