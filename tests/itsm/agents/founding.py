"""Software agents for tests, and two tools that only tests know."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils import timezone

from itsm.accounts.models import User
from itsm.agents import tools
from itsm.agents.acting import Call, call_of
from itsm.agents.answers import Answer, Arguments, Origin, Quoted, Repeatable
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.agents.quoting import quoted
from itsm.agents.tools import Tool

ALL = tuple(Capability.values)


def agent_of(owner: User, *capabilities: str, name: str = "") -> Agent:
    """An agent of this person with these capabilities, or all."""
    account = User(username=name or f"{owner.username}-agent", account_type=User.AccountType.AGENT, owner=owner)
    account.set_unusable_password()
    account.save()
    return Agent.objects.create(account=account, capabilities=list(capabilities or ALL))


def call_by(agent: Agent, at: datetime | None = None) -> Call:
    """A call with a token that holds all that the agent was given."""
    fresh = Agent.objects.select_related("account__owner").get(pk=agent.pk)
    owner = fresh.account.owner
    assert owner is not None
    return call_of(fresh, owner, frozenset(fresh.capabilities), at=at or timezone.now(), request_id="request-of-test")


class Said(Arguments):
    word: str
    number: int = 1


class Wished(Repeatable):
    word: str


class Echo(Answer):
    word: str
    quotation: Quoted | None = None


def echo(call: Call, given: Said) -> Echo:
    return Echo(word=given.word, next=["Say more."])


def read(call: Call, given: Said) -> Echo:
    return Echo(word="read", quotation=quoted(given.word, Origin.MAIL, "somebody"))


@contextmanager
def declared(*declarations: Tool) -> Iterator[None]:
    """These tools are there inside, beside the product's own."""
    for one in declarations:
        tools.register(one)
    try:
        yield
    finally:
        for one in declarations:
            tools._tools.pop(one.name)


def a_tool(name: str, run: Any, **more: Any) -> Tool:
    """A tool of the catalogue's capability, unless it says otherwise."""
    given = {"title": name, "description": name, "capability": Capability.CATALOG_READ, "arguments": Said}
    return Tool(name=name, run=run, **{**given, "answer": Echo, **more})


ECHO = a_tool("test_echo", echo)
READ = a_tool("test_read", read)
