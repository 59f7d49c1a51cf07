"""A budget that only those measure who want the change leads to people, unless its owner allowed it in writing."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from slo.engine.samples import Sample
from slo.measuring import operations
from slo.models import DataSource, Indicator, Measurer, Objective
from slo.objectives import operations as objectives_operations
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import MINUTE, T0, a_service, an_indicator, measured_by

pytestmark = pytest.mark.django_db


def the_objective(service: Any) -> Objective:
    return Objective.objects.select_related("indicator", "service").get(service=service)


def reasons(evaluation: Any) -> list[str]:
    return [reason["code"] for reason in evaluation.decision.verdict["reasons"]]


@pytest.fixture
def service(asker: Actor, owning: Actor, pipeline: User) -> Any:
    """Standard deployments are approved here; the pipeline that asks is the only one that measures."""
    made = a_measured_service()
    a_model(made, owning)
    indicator = the_objective(made).indicator
    assert indicator is not None
    measured_by(indicator, pipeline)
    return made


def test_who_measures_alone_what_they_ask_about_gets_one_approver(service: Any, asker: Actor) -> None:
    evaluation = ask(service, asker, change_class="standard")
    assert (evaluation.status, evaluation.outcome) == ("pending", "peer")
    assert "self_measured" in reasons(evaluation)
    objective = the_objective(service).slug
    budget = evaluation.decision.evidence["reach"]["value"]["direct"][0]["budgets"][objective]["value"]
    assert budget["self_measured_by"] == ["pipeline"]


def test_the_owner_of_the_program_is_the_one_who_measures(
    service: Any, pipeline: User, as_actor: Callable[..., Actor]
) -> None:
    assert pipeline.owner is not None
    User.objects.filter(pk=pipeline.owner_id).update(roles=["engineer"])
    pipeline.owner.refresh_from_db()
    assert "self_measured" in reasons(ask(service, as_actor(pipeline.owner), change_class="standard"))


def test_an_owners_word_allows_it_and_stands_in_the_evidence(service: Any, asker: Actor, managing: Actor) -> None:
    objective = the_objective(service)
    until = (T0 + timedelta(days=60)).date()
    objectives_operations.allow_self_measuring(objective, actor=managing, reason="A small team", until=until, at=T0)
    evaluation = ask(service, asker, change_class="standard")
    assert (evaluation.status, "self_measured" in reasons(evaluation)) == ("approved", False)
    budget = evaluation.decision.evidence["reach"]["value"]["direct"][0]["budgets"][objective.slug]["value"]
    assert budget["self_measuring_allowed"] is True


def test_another_person_who_measures_too_is_a_witness(
    service: Any, asker: Actor, engineer: User, as_actor: Callable[..., Actor]
) -> None:
    indicator = the_objective(service).indicator
    assert indicator is not None
    measured_by(indicator, engineer)
    assert "self_measured" in reasons(ask(service, asker, change_class="standard")), "who never said anything"
    newest = [Sample(T0 - MINUTE, 0, 1)]
    operations.record_samples(indicator, newest, actor=as_actor(engineer), at=T0)
    assert Measurer.objects.get(account=engineer).last_sent_at == T0
    again = ask(service, asker, change_class="standard", artifact_digest="sha256:" + "b" * 64)
    assert [code for code in reasons(again) if "measure" in code] == ["asker_measures"], "it is shown, and asks nobody"
    budget = again.decision.evidence["reach"]["value"]["direct"][0]["budgets"][the_objective(service).slug]["value"]
    assert (budget["measured_by_interested"], budget["self_measured_by"]) == (["pipeline"], [])


def test_another_objective_that_does_not_gate_does_not_make_up_for_it(service: Any, asker: Actor) -> None:
    objectives_operations.create_objective(
        actor=Actor.system("tests"), at=T0, slug="checked", name="Checked", service=service, target=Decimal("0.99"),
        indicator=an_indicator(slug="checked"), gating=False,
    )  # fmt: skip
    assert "self_measured" in reasons(ask(service, asker, change_class="standard"))


def test_who_waits_for_an_answer_sets_no_first_objective_that_decides(
    owning: Actor, managing: Actor, engineer: User, as_actor: Callable[..., Actor]
) -> None:
    service = a_service(tier=1)
    a_model(service, owning)
    asking = as_actor(engineer)
    assert ask(service, asking, change_class="standard").outcome == "peer"
    check = {"way": "http", "url": "https://example.com/"}
    indicator = operations.create_indicator(actor=asking, slug="mine", source="uptime", check=check)
    said: dict[str, Any] = {"at": T0, "slug": "mine", "name": "Mine", "service": service, "target": Decimal("0.9")}
    with pytest.raises(NotPermitted, match="somebody without one"):
        objectives_operations.create_objective(actor=asking, indicator=indicator, **said)
    made = objectives_operations.create_objective(actor=asking, indicator=indicator, gating=False, **said)
    with pytest.raises(NotPermitted, match="somebody without one"):
        objectives_operations.edit_objective(made, actor=asking, version=made.version, at=T0, gating=True)
    retired = objectives_operations.retire_objective(made, actor=managing, version=made.version, at=T0)
    Objective.objects.filter(pk=retired.pk).update(gating=True)
    with pytest.raises(NotPermitted, match="somebody without one"):
        objectives_operations.revive_objective(Objective.objects.get(pk=made.pk), actor=asking, at=T0)
    assert (
        objectives_operations.revive_objective(Objective.objects.get(pk=made.pk), actor=managing, at=T0).retired_at
        is None
    )


def _queries(source: str) -> dict[str, Any]:
    if source != "prometheus":
        return {}
    server = DataSource.objects.create(slug="own", name="Own", url="http://127.0.0.1:9090")
    return {"data_source": server, "total_query": "sum(rate(a[1m]))", "good_query": "sum(rate(b[1m]))"}


@pytest.mark.parametrize("source", ["prometheus", "uptime"])
def test_who_chose_what_headroom_asks_measures_it(
    service: Any, asker: Actor, pipeline: User, engineer: User, managing: Actor, source: str
) -> None:
    indicator = the_objective(service).indicator
    assert indicator is not None
    Indicator.objects.filter(pk=indicator.pk).update(source=source, **_queries(source))
    assert "self_measured" in reasons(ask(service, asker, change_class="standard"))
    indicator.refresh_from_db()
    operations.name_measurers(indicator, actor=managing, accounts=[pipeline, engineer], at=T0)
    assert "self_measured" not in reasons(
        ask(service, asker, change_class="standard", artifact_digest="sha256:" + "b" * 64)
    ), "somebody without an interest answers for it"
