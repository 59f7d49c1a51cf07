"""The gate for software agents: the answer, why, and what to do next."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from changes.change.queries import probing
from changes.gate.policy_default import default_policy
from changes.gate.table import Cell
from changes.gate.vocabulary import Outcome, Row
from changes.models import Change, Evaluation
from itsm.agents.acting import call_of
from itsm.agents.models import Agent
from tests.changes.change.agents.conftest import Refused, an_agent
from tests.factories.allowances import given
from tests.factories.changes import a_measured_service, a_model, an_artifact, ask, attested, restate, start
from tests.factories.slo import T0
from tests.together import each_of

pytestmark = pytest.mark.django_db
DIGEST = an_artifact("copilot's")


def test_a_probe_says_what_it_would_take_and_by_whom(tool, approver, payments, person):
    service = a_measured_service("healthy", team=payments)
    colleague = person("engineer", payments, username="zoe")
    said = tool("may_i_deploy", service=service.slug)
    assert (said.allowed, said.outcome, said.dead_end) == (False, "peer", False)
    assert said.decides.people[0] in {"approver", colleague.username}
    assert "engineer" not in said.decides.people
    assert not Change.objects.exists()
    review = [step for way in said.ways for step in way.steps if "review" in step.do]
    assert review
    assert review[0].who == "person"
    assert "zoe" in review[0].people
    assert "engineer" not in review[0].people
    assert said.next
    assert "ask_gate" in said.next[-1]


def test_who_may_not_ask_for_an_hour_hears_until_when_before_how_to_ask(tool, copilot, payments):
    service = a_measured_service("healthy", team=payments)
    Agent.objects.filter(pk=copilot.pk).update(read_outside_at=T0)
    until, *steps = tool("may_i_deploy", service=service.slug).next
    assert "may not use ask_gate" in until
    assert f"before {T0 + timedelta(minutes=61):%Y-%m-%d %H:%M}" in until
    assert any("ask_gate" in one for one in steps)
    Agent.objects.filter(pk=copilot.pk).update(read_outside_at=None)
    assert tool("may_i_deploy", service=service.slug).next == steps


def test_what_may_go_says_how_to_ask(tool, owning, managing, copilot):
    service = a_measured_service("healthy")
    a_model(service, owning)
    refused = tool("may_i_deploy", service=service.slug, change_class="standard")
    assert (refused.outcome, refused.reasons[0].code) == ("peer", "allowance_missing")
    assert refused.ways[0].leads_to == "approved"
    assert refused.ways[0].steps[0].people == ["manager"]
    given(service, copilot.account, managing)
    said = tool("may_i_deploy", service=service.slug, change_class="standard")
    assert (said.allowed, said.outcome, said.ways) == (True, "approved", [])
    assert said.next == [
        "Ask for the authorisation itself: ask_gate("
        f"service={service.slug}, environment=production, change_class=standard, purpose=feature, summary=…, "
        "artifact_digest=…, plan=…, backout=…). It is good for one deployment of that artifact."
    ]


def test_who_asks_as_normal_is_told_of_the_approved_model_and_that_a_change_does_not_become_standard(tool, owning):
    service = a_measured_service("healthy")
    asked = {"service": service.slug, "summary": "Deploy 4.2", "artifact_digest": DIGEST}
    assert not any("standard" in one for one in tool("may_i_deploy", service=service.slug).next)
    model = a_model(service, owning)
    told = tool("ask_gate", **asked)
    for following in (told.next, tool("may_i_deploy", service=service.slug).next):
        [said] = [one for one in following if model.slug in one]
        assert f"may_i_deploy(service={service.slug}, environment=production, change_class=standard)" in said
    with pytest.raises(Refused) as refused:
        tool("ask_gate", change=told.change, change_class="standard")
    assert refused.value.code == "invalid-input"
    assert f"{told.change} was opened as no standard change" in str(refused.value)
    assert tool("ask_gate", **asked | {"change_class": "standard"}).change_class == "standard"


def test_who_may_give_an_allowance_is_led_to_a_form_that_is_filled_in(tool, owning, copilot, web, manager):
    service = a_measured_service("healthy")
    a_model(service, owning)
    [way] = tool("may_i_deploy", service=service.slug, change_class="standard").ways
    [step] = way.steps
    assert f"give software agent {copilot.reference} an allowance" in step.do
    page = web(manager).get(f"/{step.where.split('/', 3)[3]}").content.decode()
    assert f'<option value="{service.slug}" selected' in page
    assert f'<option value="{copilot.reference}" selected' in page
    percent = parse_qs(urlsplit(step.where).query)["percent"][0]
    assert f'value="{percent}"' in page


def test_a_change_of_an_agent_is_asked_fixed_and_let_go_on_anothers_word(tool, copilot, approver):
    service = a_measured_service("healthy")
    first = tool("ask_gate", service=service.slug, summary="Deploy 4.2", artifact_digest=DIGEST)
    change = Change.objects.get()
    assert (first.change, first.status, first.outcome) == (change.reference, "pending", "peer")
    assert change.requested_by_id == copilot.account_id
    assert copilot.account.owner_id in change.interested
    backout = next(one for one in first.ways if any("backout" in step.you_supply for step in one.steps))
    asked = next(step for step in backout.steps if step.tool == "ask_gate")
    reviewed = next(step for one in first.ways for step in one.steps if step.code == "peer_review")
    assert reviewed.where.endswith(f"/changes/{change.reference}/attest/"), "a person gives their word there"
    assert asked.arguments == {"change": change.reference}

    attested(service, DIGEST, approver, about=["peer_review", "tests"])
    second = tool("ask_gate", **asked.arguments, backout="Roll back to 4.1.")
    assert Change.objects.count() == 1
    assert second.change == first.change
    assert second.outcome == "peer", "its history is not known yet"
    assert [one.status for one in Evaluation.objects.order_by("asked_at", "version")].count("pending") == 1


def test_why_shows_the_evidence_row_by_row(tool, asker, approver):
    service = a_measured_service("exhausted")
    evaluation = ask(service, asker)
    said = tool("why", change=evaluation.change.reference)
    assert (said.status, said.outcome, said.row) == ("pending", "postponed", "normal_low")
    assert [(one.stands, one.headroom) for one in said.budgets] == [("exhausted", "-0.500000000")]
    assert {one.about: one.stands for one in said.proof}["backout"] == "written"
    assert {one.engine for one in said.risks} >= {"history", "blast_radius"}
    assert said.words == []
    read = tool("why", change=evaluation.change.reference, words=True)
    assert [(one.text, one.by) for one in read.words] == [(evaluation.change.summary, "pipeline")]
    assert said.evidence_hash == evaluation.decision.evidence_hash
    assert "judged again by itself" in said.next[-1]


@each_of(
    ("arguments", "refusal", "field"),
    [
        ({"service": "nowhere", "summary": "Deploy"}, "not-found", ""),
        ({"summary": "Deploy"}, "invalid-input", "service"),
        ({"service": "{here}"}, "invalid-input", "summary"),
        ({"service": "{here}", "summary": "Deploy", "model": "none-such"}, "invalid-input", "model"),
        ({"service": "{here}", "summary": "Deploy", "environment": "moon"}, "invalid-input", "environment"),
        ({"service": "{here}", "summary": "Deploy", "url": "javascript:alert(1)"}, "invalid-input", "url"),
        ({"service": "{here}", "summary": "Deploy", "answers": {"colour": "red"}}, "invalid-input", "answers"),
        ({"change": "CHG-99999"}, "not-found", ""),
    ],
)
def test_what_cannot_be_asked_says_why(tool, arguments, refusal, field):
    here = a_measured_service("healthy").slug
    given = {name: said.format(here=here) if isinstance(said, str) else said for name, said in arguments.items()}
    with pytest.raises(Refused) as refused:
        tool("ask_gate", **given)
    assert refused.value.code == refusal
    assert field in str(refused.value.problem.get("errors", ""))


def test_a_change_of_somebody_else_is_not_asked_about(tool, asker):
    evaluation = ask(a_measured_service("healthy"), asker)
    with pytest.raises(Refused, match="Only whoever asked"):
        tool("ask_gate", change=evaluation.change.reference, backout="Another way")
    evaluation.change.refresh_from_db()
    assert evaluation.change.backout != "Another way"


def test_what_runs_is_not_asked_about_again(tool, owning, managing, copilot, engineer):
    service = a_measured_service("healthy")
    a_model(service, owning)
    given(service, copilot.account, managing)
    said = tool(
        "ask_gate", service=service.slug, change_class="standard", summary="Deploy", artifact_digest=DIGEST,
        backout="Back.",
    )  # fmt: skip
    assert said.allowed
    assert said.expires_at > T0
    start(Change.objects.get(), call_of(copilot, engineer, frozenset(), at=T0).actor)
    with pytest.raises(Refused, match="no longer changes"):
        tool("ask_gate", change=said.change, backout="Another")


def test_a_requesters_agent_asks_nothing(tool, requester):
    service = a_measured_service("healthy")
    theirs = an_agent(requester, "theirs")
    for name, said in (
        ("may_i_deploy", {"service": service.slug}),
        ("ask_gate", {"service": service.slug, "summary": "x"}),
    ):
        with pytest.raises(Refused, match=r"work here|may not ask"):
            tool(name, agent=theirs, **said)


def test_a_budget_that_fell_is_told_with_the_time_it_comes_back(tool, asker):
    service = a_measured_service("constrained")
    evaluation = ask(service, asker)
    restate(service, "exhausted", T0)
    said = tool("may_i_deploy", service=service.slug)
    assert said.outcome == "postponed"
    assert said.not_before > T0
    assert evaluation.status == "pending"


def test_asked_again_with_nothing_new_it_keeps_its_place_and_who_was_asked(tool, approver):
    service = a_measured_service("healthy")
    first = tool("ask_gate", service=service.slug, summary="Deploy", artifact_digest=DIGEST, backout="Back.")
    attested(service, DIGEST, approver, about=["peer_review", "tests"])
    later = T0 + timedelta(minutes=5)
    tool("ask_gate", change=first.change, at=later)
    assert Evaluation.objects.count() == 1
    assert Evaluation.objects.get().decisions.count() == 2


def test_a_dead_end_is_said_to_be_one_and_names_who_may_override(tool, person, payments, monkeypatch):
    """Blocked, and nothing leads to a kinder answer."""
    person("owner", payments, username="olga")
    service = a_measured_service("healthy", team=payments)
    policy = default_policy()
    blocked = {column: Cell(Outcome.BLOCKED) for column in policy.table[Row.NORMAL_LOW]}
    rows = (Row.NORMAL_LOW, Row.NORMAL_MEDIUM, Row.NORMAL_HIGH, Row.STANDARD)
    table = {**policy.table, **dict.fromkeys(rows, blocked)}
    monkeypatch.setattr(probing, "in_force", lambda: replace(policy, table=table))
    said = tool("may_i_deploy", service=service.slug)
    assert (said.outcome, said.ways, said.decides, said.dead_end) == ("blocked", [], None, True)
    assert said.next == ["This is a dead end: nothing that you or time could do changes it. Only olga may override it."]


def test_who_has_no_engineers_role_to_lend_is_told_to_ask_themselves(tool, manager):
    theirs = an_agent(manager, "managers-agent")
    said = tool("may_i_deploy", service=a_measured_service("healthy").slug, agent=theirs)
    assert [one[:34] for one in said.next] == ["You may not ask the gate yourself:"]
    with pytest.raises(Refused, match="may not ask the gate"):
        tool("ask_gate", service=a_measured_service("healthy").slug, summary="Deploy", agent=theirs)
