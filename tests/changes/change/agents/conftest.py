"""A software agent of an engineer, and its calls of tools."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest

from itsm.accounts.models import User
from itsm.agents import calling
from itsm.agents.acting import Call, call_of
from itsm.agents.answers import Answer
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.agents.tools import find
from tests.factories.slo import T0

ALL = frozenset(one.value for one in Capability)
Use = Callable[..., Any]


def an_agent(owner: User, name: str = "copilot") -> Agent:
    """Connected, with every capability."""
    account = User(username=name, account_type="agent", owner=owner, roles=[])
    account.set_unusable_password()
    account.save()
    return Agent.objects.create(account=account, capabilities=sorted(ALL))


def use(call: Call, name: str, arguments: Mapping[str, Any]) -> Answer:
    """The answer of the tool, as the door calls it and as it says it. Its refusal is raised."""
    outcome = calling.call(call, name, arguments)
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    tool = find(name)
    assert tool is not None, name
    return tool.answer.model_validate_json(outcome.document)


class Refused(Exception):
    """`problem`: what the agent is told."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem["detail"])
        self.problem = problem

    @property
    def code(self) -> str:
        return str(self.problem["type"]).rsplit("/", 1)[-1]


@pytest.fixture
def copilot(engineer: User) -> Agent:
    return an_agent(engineer)


@pytest.fixture
def tool(copilot: Agent, engineer: User) -> Use:
    """`tool("why", change="CHG-00001", at=T0)`."""

    def called(name: str, *, at: datetime = T0, agent: Agent = copilot, **arguments: Any) -> Any:
        owner = agent.account.owner
        assert owner is not None
        return use(call_of(agent, owner, ALL, at=at), name, arguments)

    return called


@pytest.fixture
def cast(payments, person, owner, manager, approver, pipeline, copilot):
    person("owner", payments, username="olga")
    person("engineer", payments, username="zoe")
    person("approver", username="petra")
    return {"payments": payments, "owner": owner, "manager": manager, "approver": approver, "pipeline": pipeline,
            "copilot": copilot.account}  # fmt: skip
