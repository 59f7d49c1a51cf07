"""The same question has the same answer and the same hash over the agents' door, REST and page; the instant is one."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from changes.gate.vocabulary import ChangeClass, Purpose
from changes.models import Evaluation
from tests.changes.change.agents.situations import Situation, groups
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db
PROBES = 4  # of each situation, and one change: five cases
HOW_MANY, SAMPLE = 200, 4


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    at = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: at)
    return at


@pytest.fixture
def doors(tool, api, web, engineer, now):
    """The three: a tool of an agent, REST and pages of its owner."""
    client, browser = api(engineer), web(engineer)

    def rest(path: str, **asked: Any) -> Any:
        said = client.get(path, asked)
        assert said.status_code == 200, said.content
        return said.json()

    def page(path: str, **asked: Any) -> str:
        said = browser.get(path, asked)
        assert said.status_code == 200
        return str(said.content.decode())

    return lambda name, **arguments: tool(name, at=now, **arguments), rest, page


def same(told: Any, rest: Any) -> None:
    """The verdict, whom it is about and the evidence it rests on."""
    assert (told.outcome, told.allowed, told.change_class, told.risk, told.enforced) == (
        rest["outcome"], rest["allowed"], rest["change_class"], rest["risk"], rest["enforced"],
    )  # fmt: skip
    assert (told.evidence_hash, told.policy) == (rest["evidence_hash"], rest["policy_version"])
    asks_for = [one["code"] for one in rest["reasons"] if one["asks_for"]]
    assert [one.code for one in told.reasons if one.asks_for] == asks_for[: len(told.reasons)]
    assert (told.decides is None) == (rest["authority"] is None)


@pytest.mark.heavy
@pytest.mark.parametrize("numbers", groups(HOW_MANY if IN_FULL else SAMPLE, 4), ids=str)
def test_every_door_says_the_same_with_the_same_hash(numbers, doors, cast, now, copilot):
    use, rest, page = doors
    for number in numbers:
        situation = Situation(number, cast, now)
        slug, pick = situation.service.slug, situation.random.choice
        for _probe in range(PROBES):
            asked = {
                "environment": pick(["production", "staging"]),
                "change_class": pick(list(ChangeClass)).value,
                "purpose": pick([Purpose.FEATURE, *Purpose]).value,
            }
            told = use("may_i_deploy", service=slug, **asked)
            same(told, rest(f"/api/v1/services/{slug}/gate/", asker="copilot", **asked))
            if (asked["environment"], asked["purpose"]) == ("production", "feature"):
                shown = page(f"/changes/probe/{slug}/", asker="copilot")
                assert (told.evidence_hash in shown) == (asked["change_class"] != "emergency"), asked
        told = use("ask_gate", **situation.question)
        evaluation = Evaluation.objects.filter(change=int(told.change[4:])).latest("asked_at")
        over_rest = rest(f"/api/v1/gate-evaluations/{evaluation.pk}/")
        same(told, over_rest)
        assert told.status == over_rest["status"]
        assert told.evidence_hash in page(f"/changes/{told.change}/")
        again = use("why", change=told.change)
        assert (again.evidence_hash, again.status, again.outcome) == (told.evidence_hash, told.status, told.outcome)


def test_a_program_of_somebody_else_is_none_to_ask_as(api, approver, copilot, payments):
    from tests.factories.changes import a_measured_service

    service = a_measured_service("healthy")
    said = api(approver).get(f"/api/v1/services/{service.slug}/gate/", {"asker": "copilot"})
    assert said.status_code == 404
