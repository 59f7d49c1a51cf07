"""Environments at the gate: a word is no way around a closure, a budget or the register."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.environments import operations as environments
from catalog.environments.queries import UnknownEnvironment
from changes.calendar.operations import windows
from changes.change.queries.probing import probe
from changes.gate.canonical import from_json, sha256_of, to_json
from changes.gate.decide import decide
from changes.gate.evidence import Evidence
from changes.gate.policy_default import default_policy
from changes.models import CalendarWindow
from tests.changes.gate.scenes import evidence
from tests.factories.changes import T0, a_measured_service, a_model, ask
from tests.factories.slo import a_service, an_objective

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def close(managing: Any, *names: str) -> CalendarWindow:
    return windows.add_window(
        actor=managing, window_type="freeze", name="Quarter end", starts_at=T0 - HOUR, ends_at=T0 + HOUR, reason="Books",
        environments=names, at=T0,
    )  # fmt: skip


@pytest.mark.parametrize("closed", ["production", "prod"])
@pytest.mark.parametrize("asked", ["production", "prod", "live", "PROD"])
def test_a_freeze_of_production_holds_for_every_spelling_of_a_service_measured_nowhere(
    closed: str, asked: str, asker: Any, owning: Any, managing: Any
) -> None:
    service = a_service(tier=4)
    a_model(service, owning)
    close(managing, closed)
    evaluation = ask(service, asker, change_class="standard", environment=asked)
    assert (evaluation.status, evaluation.outcome) == ("pending", "postponed")
    assert probe(service, actor=asker, at=T0, environment=asked, change_class="standard").verdict.outcome == "postponed"


def test_a_model_for_production_is_one_for_its_aliases(asker: Any, owning: Any) -> None:
    service = a_measured_service()
    a_model(service, owning, environments=["live"])
    assert ask(service, asker, change_class="standard", environment="prod").outcome == "approved"


def test_an_unknown_environment_is_refused_and_nothing_is_opened(asker: Any, owning: Any) -> None:
    service = a_service(tier=4)
    a_model(service, owning)
    with pytest.raises(UnknownEnvironment, match="Did you mean production"):
        ask(service, asker, change_class="standard", environment="prod-1")
    assert not service.changes.exists()


def test_what_the_register_judges_as_production_faces_the_budget_there(asker: Any, owning: Any, managing: Any) -> None:
    environments.create_environment(actor=managing, name="production-eu", aliases=["eu"], is_production=True)
    service = a_service(tier=4)
    a_model(service, owning)
    an_objective(service=service)
    evaluation = ask(service, asker, change_class="standard", environment="eu")
    assert (evaluation.status, evaluation.outcome) == ("pending", "peer"), "measured in another production"
    assert evaluation.decision is not None
    assert evaluation.decision.evidence["change"]["is_production"] is True


def test_what_the_register_does_not_judge_as_production_asks_no_budget(asker: Any, owning: Any, managing: Any) -> None:
    environments.create_environment(actor=managing, name="uat")
    service = a_measured_service("exhausted", tier=1)
    a_model(service, owning)
    assert ask(service, asker, change_class="standard", environment="uat").outcome == "approved"


@pytest.mark.parametrize("environment", ["production", "staging", "prod-1"])
def test_a_decision_from_before_the_register_reads_hashes_and_decides_as_it_did(environment: str) -> None:
    kept = to_json(evidence(environment=environment))
    assert "is_production" not in kept["change"]
    again = from_json(Evidence, kept)
    assert sha256_of(to_json(again)) == sha256_of(kept)
    lenient = environment in default_policy().other_environments
    assert (decide(again, default_policy()).reasons[0].code == "other_environment") is lenient
