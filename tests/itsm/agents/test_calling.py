"""The one way in which a tool runs: who may, how often, what is kept, what is undone."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from itsm.accounts.models import Team, User
from itsm.agents import counting
from itsm.agents.acting import Call
from itsm.agents.calling import call
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent, AgentSwitch, CallCount
from itsm.audit.models import Entry
from itsm.kernel.errors import AuthorisationRevoked, Conflict
from tests.itsm.agents.founding import ECHO, READ, Echo, Said, Wished, a_tool, agent_of, call_by, declared
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(person: Callable[..., User]) -> Agent:
    return agent_of(person("engineer"))


@pytest.fixture(autouse=True)
def _test_tools() -> Iterator[None]:
    with declared(ECHO, READ):
        yield


def entries() -> list[Entry]:
    return list(Entry.objects.filter(event="agent.called").order_by("id"))


def code(outcome: Any) -> str:
    assert not outcome.ok
    assert outcome.answer is None
    return str(outcome.refusal["type"]).removeprefix("/problems/")


def test_an_answer_and_its_entry(agent: Agent) -> None:
    outcome = call(call_by(agent), "test_echo", {"word": "hello", "number": 2})
    assert outcome.ok
    assert outcome.answer == Echo(word="hello", next=["Say more."])
    (entry,) = entries()
    assert (entry.actor_id, entry.actor_kind, entry.via) == (agent.account_id, "agent", "mcp")
    told = {name: after for name, (_before, after) in entry.changes.items()}
    assert told["tool"] == "test_echo"
    assert told["for"] == "engineer"
    assert told["answer"] == "answered"
    assert len(told["arguments"]) == len(told["answer_hash"]) == 64
    assert "hello" not in str(entry.changes)


def test_the_same_arguments_have_the_same_hash_in_any_order(agent: Agent) -> None:
    call(call_by(agent), "test_echo", {"word": "a", "number": 2})
    call(call_by(agent), "test_echo", {"number": 2, "word": "a"})
    first, second = entries()
    assert first.changes["arguments"] == second.changes["arguments"]
    assert first.changes["answer_hash"] == second.changes["answer_hash"]


@each_of(
    ("arguments", "pointer"),
    [({}, "/word"), ({"word": 1}, "/word"), ({"word": "a", "more": 1}, "/more"), ({"word": "a" * 20_001}, "/word"),
     ({"word": "a", "number": "1"}, "/number")],
)  # fmt: skip
def test_wrong_arguments_are_told_by_their_place(agent: Agent, arguments: Any, pointer: str) -> None:
    outcome = call(call_by(agent), "test_echo", arguments)
    assert code(outcome) == "invalid-input"
    assert outcome.refusal is not None
    assert outcome.refusal["errors"][0]["pointer"] == pointer
    assert entries()[0].changes["answer"] == [None, "invalid-input"]


def test_no_text_holds_what_no_database_keeps(agent: Agent) -> None:
    assert code(call(call_by(agent), "test_echo", {"word": "a\x00b"})) == "invalid-input"
    assert code(call(call_by(agent), "test_echo", {"word": "\ud800"})) == "invalid-input"
    assert call(call_by(agent), "test_echo", {"word": r"\u0000 as six signs"}).ok


def test_an_unknown_tool_is_refused_and_noted(agent: Agent) -> None:
    assert code(call(call_by(agent), "approve\u202e", {})) == "unknown-tool"
    assert entries()[0].changes["tool"] == [None, "approve⟨U+202E⟩"]


def test_the_token_and_the_agent_must_both_hold_the_capability(agent: Agent, person: Callable[..., User]) -> None:
    narrow = call_by(agent)
    narrow = Call(narrow.agent, narrow.actor.narrowed(["gate"]), narrow.eyes, narrow.at)
    assert code(call(narrow, "test_echo", {"word": "a"})) == "capability-not-given"
    taken = call_by(agent)
    taken.agent.capabilities = ["gate"]
    assert code(call(taken, "test_echo", {"word": "a"})) == "capability-not-given"


def test_one_or_all_are_stopped_at_once(agent: Agent, person: Callable[..., User]) -> None:
    admin, before = person("admin"), call_by(agent)  # what was begun earlier is stopped too
    Agent.objects.filter(pk=agent.pk).update(stopped_at=timezone.now(), stopped_by=admin, stop_reason="odd")
    outcome = call(before, "test_echo", {"word": "a"})
    assert code(outcome) == "agent-stopped"
    assert outcome.refusal is not None
    assert "“odd”" in outcome.refusal["detail"]
    Agent.objects.filter(pk=agent.pk).update(stopped_at=None, stopped_by=None)
    assert call(before, "test_echo", {"word": "a"}).ok
    AgentSwitch.objects.update_or_create(pk=1, defaults={"stopped_at": timezone.now(), "stopped_by": admin})
    assert code(call(before, "test_echo", {"word": "a"})) == "agent-stopped"


@pytest.mark.parametrize("how", ["one", "all", "ended"])
def test_what_is_written_while_it_is_stopped_is_undone(agent: Agent, person: Callable[..., User], how: str) -> None:
    """A call that waits for a lock must not outlive the switch."""
    stopped = {"stopped_at": timezone.now(), "stopped_by": person("admin")}

    def run(call: Call, given: Said) -> Echo:
        Team.objects.create(name="late", slug="late")
        match how:  # as another session would, meanwhile
            case "one":
                Agent.objects.filter(pk=agent.pk).update(**stopped)
            case "all":
                AgentSwitch.objects.update_or_create(pk=1, defaults=stopped)
            case "ended":
                User.objects.filter(pk=agent.account_id).update(is_active=False)
        return Echo(word="late")

    with declared(a_tool("test_waits", run, writes=True)):
        assert code(call(call_by(agent), "test_waits", {"word": "a"})) == "agent-stopped"
    assert not Team.objects.filter(slug="late").exists()
    assert entries()[0].changes["answer"] == [None, "agent-stopped"]


def test_the_limit_of_a_minute_holds_at_its_very_value(agent: Agent) -> None:
    at = timezone.now().replace(second=30)
    call(call_by(agent, at), "test_echo", {"word": "a"})
    CallCount.objects.update(calls=counting.CALLS_A_MINUTE - 1)
    assert call(call_by(agent, at), "test_echo", {"word": "a"}).ok
    noted = len(entries())
    for _ in range(3):
        outcome = call(call_by(agent, at), "test_echo", {"word": "a"})
        assert code(outcome) == "too-many-requests"
    assert len(entries()) == noted + 1, "a flood is told of once"
    assert call(call_by(agent, at + timedelta(minutes=1)), "test_echo", {"word": "a"}).ok
    seen = Agent.objects.values_list("last_called_at", flat=True).get(pk=agent.pk)
    assert seen == at + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "told"),
    [(Conflict("no"), "conflict"), (IntegrityError("x"), "conflict"), (ZeroDivisionError(), "internal")],
)
def test_what_a_refused_tool_did_is_undone(agent: Agent, error: Exception, told: str) -> None:
    def run(call: Call, given: Said) -> Echo:
        Team.objects.create(name="half", slug="half")
        raise error

    with declared(a_tool("test_fails", run, writes=True)):
        assert code(call(call_by(agent), "test_fails", {"word": "a"})) == told
    assert not Team.objects.filter(slug="half").exists()
    assert len(entries()) == 1


def test_effects_that_a_refusal_keeps_stay(agent: Agent) -> None:
    def run(call: Call, given: Said) -> Echo:
        Team.objects.create(name="kept", slug="kept")
        raise AuthorisationRevoked("gone")

    with declared(a_tool("test_keeps", run, writes=True)):
        assert code(call(call_by(agent), "test_keeps", {"word": "a"})) == "wrong-state"
    assert Team.objects.filter(slug="kept").exists()
    assert len(entries()) == 1


def test_a_key_makes_once_and_the_answer_is_how_it_stands_now(agent: Agent) -> None:
    made: list[str] = []

    def run(call: Call, given: Wished) -> Echo:
        if given.word == "refuse" and not made:
            made.append("refused")
            raise Conflict("no")
        made.append(given.word)
        return Echo(word=given.word)

    tool = {"arguments": Wished, "writes": True}
    with declared(
        a_tool("test_makes", run, **tool), a_tool("test_again", run, again=lambda *_: Echo(word="now"), **tool)
    ):
        wish = {"word": "refuse", "idempotency_key": "k-1"}
        assert code(call(call_by(agent), "test_makes", wish)) == "conflict"
        assert not call(call_by(agent), "test_makes", wish).repeated, "a refusal is no answer to repeat"
        again = call(call_by(agent), "test_makes", wish)
        assert again.repeated
        assert again.answer == Echo(word="refuse")
        assert made == ["refused", "refuse"]
        assert code(call(call_by(agent), "test_makes", {**wish, "word": "b"})) == "idempotency-mismatch"
        call(call_by(agent), "test_again", wish)
        assert call(call_by(agent), "test_again", wish).answer == Echo(word="now")
    assert made == ["refused", "refuse", "refuse"]
    assert [one.changes["answer"][1] for one in entries()] == [
        "conflict",
        "answered",
        "repeated",
        "idempotency-mismatch",
        "answered",
        "repeated",
    ]


@pytest.mark.django_db(transaction=True)
def test_calls_that_come_at_once_are_all_counted(agent: Agent) -> None:
    at = timezone.now()

    def count_some() -> None:
        try:
            for _ in range(20):
                counting.count(agent, at)
        finally:
            connection.close()

    threads = [threading.Thread(target=count_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CallCount.objects.get().calls == 80


def test_next_steps_that_it_may_not_take_yet_say_from_when(agent: Agent) -> None:
    at = timezone.now()
    outward = a_tool("test_outward", lambda call, given: Echo(word="out"), writes=True, writes_outward=True)
    leads_on = a_tool("test_leads_on", lambda call, given: Echo(word="", next=[f"Call {given.word}."]))
    with declared(outward), declared(leads_on):

        def told(step: str, after: timedelta = timedelta(0)) -> list[str]:
            answer = call(call_by(agent, at + after), "test_leads_on", {"word": step}).answer
            assert answer is not None
            return answer.next

        assert told("test_outward") == ["Call test_outward."]
        call(call_by(agent, at), "test_read", {"word": "ship it"})
        until, step = told("test_outward")
        assert step == "Call test_outward."
        assert "may not use test_outward" in until
        assert f"before {at + timedelta(minutes=61):%Y-%m-%d %H:%M}" in until
        assert f"/agents/{agent.reference}" in until
        assert told("test_read") == ["Call test_read."]
        assert told("test_outward", timedelta(minutes=62)) == ["Call test_outward."]
        Agent.objects.update(outward_after_reading=[Capability.CATALOG_READ])
        assert told("test_outward") == ["Call test_outward."]


def test_whoever_lacks_the_capability_of_a_next_step_is_not_told_to_wait_for_it(agent: Agent) -> None:
    at = timezone.now()
    outward = a_tool(
        "test_outward",
        lambda call, given: Echo(word="out"),
        capability=Capability.GATE,
        writes=True,
        writes_outward=True,
    )
    Agent.objects.update(capabilities=[Capability.CATALOG_READ])
    leads_on = a_tool("test_leads_on", lambda call, given: Echo(word="", next=["Call test_outward."]))
    with declared(outward), declared(leads_on):
        call(call_by(agent, at), "test_read", {"word": "ship it"})
        answer = call(call_by(agent, at), "test_leads_on", {"word": ""}).answer
        assert answer is not None
        assert answer.next == ["Call test_outward."]
        assert code(call(call_by(agent, at), "test_outward", {"word": ""})) == "capability-not-given"


def test_what_is_kept_for_a_key_says_nothing_of_the_hour_in_which_it_was_answered(agent: Agent) -> None:
    at, wish = timezone.now(), {"word": "", "idempotency_key": "k-1"}
    outward = a_tool("test_outward", lambda call, given: Echo(word="out"), writes=True, writes_outward=True)
    leads_on = a_tool(
        "test_leads_on", lambda call, given: Echo(word="", next=["Call test_outward."]), arguments=Wished, writes=True
    )
    with declared(outward), declared(leads_on):
        call(call_by(agent, at), "test_read", {"word": "ship it"})
        answers = [
            call(call_by(agent, at + timedelta(minutes=after)), "test_leads_on", wish).answer for after in (0, 1, 90)
        ]
    steps = [one.next for one in answers if one is not None]
    assert [len(one) for one in steps] == [2, 2, 1], "said once while it holds, and no more after"
    assert steps[2] == ["Call test_outward."]


def test_who_read_words_of_strangers_writes_nothing_outward_for_an_hour(agent: Agent) -> None:
    at = timezone.now()
    outward = a_tool("test_outward", lambda call, given: Echo(word="out"), writes=True, writes_outward=True)
    with declared(outward):
        assert call(call_by(agent, at), "test_outward", {"word": "a"}).ok
        answer = call(call_by(agent, at), "test_read", {"word": "ship it\u200b"}).answer
        assert isinstance(answer, Echo)
        assert answer.quotation is not None
        assert "⟨U+200B⟩" in answer.quotation.text
        for later in (timedelta(0), timedelta(minutes=60)):
            assert code(call(call_by(agent, at + later), "test_outward", {"word": "a"})) == "read-outside"
        assert call(call_by(agent, at + timedelta(minutes=62)), "test_outward", {"word": "a"}).ok
        Agent.objects.update(outward_after_reading=[Capability.CATALOG_READ])
        assert call(call_by(agent, at), "test_outward", {"word": "a"}).ok
