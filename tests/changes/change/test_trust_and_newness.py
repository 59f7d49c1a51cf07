"""From real samples to the answer: measurements that cannot be trusted, and objectives that are new."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from django.test import Client
from django.utils import timezone

from changes.models import Decision, Evaluation
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from slo.engine.samples import Sample
from slo.models import Objective
from slo.objectives import operations
from tests.changes.scene import measured_service
from tests.factories.changes import a_measured_service, a_model, ask, restate
from tests.factories.slo import MEASURER, MINUTE, T0, a_service, an_objective, measured, steady

pytestmark = pytest.mark.django_db


def codes(evaluation: Evaluation) -> list[str]:
    verdict = Decision.objects.filter(evaluation_id=evaluation.pk).latest("pk").verdict
    return [reason["code"] for reason in verdict["reasons"]]


def standard(service: object, asker: Actor, owning: Actor) -> Evaluation:
    model = a_model(service, owning)  # type: ignore[arg-type]
    return ask(service, asker, change_class="standard", model=model)  # type: ignore[arg-type]


def test_a_trusted_budget_lets_a_standard_change_go(asker: Actor, owning: Actor) -> None:
    assert standard(a_measured_service(), asker, owning).outcome == "approved"


@pytest.mark.parametrize(("trust", "code"), [("0.5", "trust_low"), (None, "trust_unknown")])
def test_below_the_line_a_person_decides(trust: str | None, code: str, asker: Actor, owning: Actor) -> None:
    service = a_measured_service()
    restate(service, "healthy", T0, trust=trust)
    evaluation = standard(service, asker, owning)
    assert (evaluation.outcome, codes(evaluation)[0]) == ("peer", code)


def test_a_judgement_of_trust_that_stopped_is_missing(asker: Actor, owning: Actor) -> None:
    service = a_measured_service()
    budget = restate(service, "healthy", T0)
    type(budget).objects.update(trust_at=T0 - timedelta(minutes=31))
    assert standard(service, asker, owning).outcome == "peer"


def test_counters_that_stand_still_are_named_on_the_page(
    pipeline: User, approver: User, web: Callable[[User], Client]
) -> None:
    from tests.changes.scene import asked

    service, objective = measured_service()
    now, dice = timezone.now().replace(second=0, microsecond=0), Random(4)
    noisy = [Sample(now - MINUTE * back, 2000, dice.randrange(2000, 2003)) for back in range(2000, 90, -1)]
    measured(objective.indicator, noisy, now)
    measured(objective.indicator, [Sample(now - MINUTE * back, 1990, 1991) for back in range(1, 91)], now)
    operations.evaluate(at=now, objectives=[objective.pk])
    evaluation = asked(service, pipeline)
    assert "trust_flat" in codes(evaluation)
    page = web(approver).get(evaluation.change.get_absolute_url()).content.decode()
    assert "has given the very same measurement over and over since" in page


def test_a_service_with_new_objectives_only_needs_one_approver(asker: Actor, owning: Actor) -> None:
    """Though it is of tier 4, where a standard change to what nobody measures would go."""
    service = a_service(tier=4)
    an_objective(at=T0, service=service)
    evaluation = standard(service, asker, owning)
    assert (evaluation.outcome, codes(evaluation)[0]) == ("peer", "budget_not_yet_measured")


def test_the_page_of_a_change_claims_no_burn_that_was_never_measured(
    asker: Actor, owning: Actor, approver: User, web: Callable[[User], Client]
) -> None:
    service = a_service(tier=4)
    an_objective(at=T0, service=service)
    evaluation = standard(service, asker, owning)
    page = web(approver).get(evaluation.change.get_absolute_url()).content.decode()
    assert "0 of the first 60 minutes are there, so a person decides" in page
    for claim in ("Nothing burns fast", "budget-bar", "data-chart=", "Coverage"):
        assert claim not in page


def test_a_new_objective_beside_a_measured_one_changes_nothing(asker: Actor, owning: Actor) -> None:
    service = a_measured_service()
    an_objective(at=T0, service=service)
    evaluation = standard(service, asker, owning)
    assert evaluation.outcome == "approved"
    assert "budget_not_yet_measured" in codes(evaluation)


def test_a_new_objective_does_not_make_an_exhausted_service_kinder(asker: Actor, owning: Actor) -> None:
    service = a_measured_service("exhausted")
    an_objective(at=T0, service=service)
    assert standard(service, asker, owning).outcome == "postponed"


def test_a_new_objective_takes_nothing_back_and_holds_nothing(asker: Actor, owning: Actor) -> None:
    """Its first minutes are all bad: it tells so, and the approval beside it stands."""
    service = a_measured_service()
    new = an_objective(at=T0, service=service, window_days=7)
    evaluation = standard(service, asker, owning)
    measured(new.indicator, steady(T0 + MINUTE * 20, 20, bad=900), T0 + MINUTE * 20)
    operations.evaluate(at=T0 + MINUTE * 20, objectives=[new.pk])
    assert Objective.objects.get(pk=new.pk).budget.state == "burning_fast"
    evaluation.refresh_from_db()
    assert evaluation.status == "approved"
    assert MEASURER.is_system
