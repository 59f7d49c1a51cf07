"""A service in shadow: the gate answers and records the truth, and stops nothing but what people closed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Service
from changes.change.operations import deploying, shadowing
from changes.change.operations.on_budget_change import follow_state_changed
from changes.change.queries.shadows import shadow_of
from changes.gate.canonical import from_json
from changes.gate.decide import decide
from changes.gate.evidence import Evidence
from changes.gate.vocabulary import Mode
from changes.models import Change, DeploymentEvent, Evaluation, GateShadow
from changes.policies.queries import parsed
from itsm.accounts.models import User
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.audit.models import Entry
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import AuthorisationRevoked, InvalidInput, NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.factories.changes import a_measured_service, a_window, ask, change_of, restate, start
from tests.factories.slo import MINUTE, T0

DAY = timedelta(days=1)
WHY = "We want to see four weeks of answers first."
pytestmark = pytest.mark.django_db


@pytest.fixture
def shadowed(owner: User, manager: User) -> Callable[..., Service]:
    """A service in this state, in shadow from T0 for so long; as it stands after two people said so."""

    def put(state: str = "exhausted", lasting: timedelta = 30 * DAY) -> Service:
        service = a_measured_service(state)
        GateShadow.objects.create(
            service=service, reason=WHY, began_at=T0, until=T0 + lasting, asked_by=owner, confirmed_by=manager
        )
        return service

    return put


@pytest.mark.parametrize("state", ["exhausted", "healthy", "no_data", "burning_fast"])
def test_it_is_allowed_whatever_the_verdict_and_the_truth_is_recorded(
    state: str, asker: Actor, shadowed: Callable[..., Service]
) -> None:
    truth = ask(a_measured_service(state), asker)
    evaluation = ask(shadowed(state), asker)
    assert (evaluation.status, evaluation.decided_by) == ("approved", "shadow")
    assert (evaluation.outcome, change_of(evaluation).verdict) == (truth.outcome, truth.outcome)
    assert evaluation.decision is not None
    assert evaluation.decision.verdict["enforced"] is False
    again = decide(from_json(Evidence, evaluation.decision.evidence), parsed(evaluation.decision.policy_id))
    assert again.evidence_hash == evaluation.decision.evidence_hash
    assert again.outcome.value == truth.outcome


def test_it_starts_and_what_the_gate_would_have_said_is_in_its_history(
    asker: Actor, shadowed: Callable[..., Service]
) -> None:
    evaluation = ask(shadowed("exhausted"), asker)
    start(change_of(evaluation), asker, T0 + MINUTE)
    assert Evaluation.objects.get().used_at == T0 + MINUTE
    noted = Entry.objects.get(event="change.started_in_shadow")
    assert "Postponed" in noted.remark
    assert DeploymentEvent.objects.get().standing == "shadow"


def test_what_would_have_been_approved_counts_as_shadow_too_and_holds_its_share(
    asker: Actor, owning: Actor, shadowed: Callable[..., Service]
) -> None:
    """A budget that collapses takes nothing back there; one where the gate rules is taken back."""
    service = shadowed("healthy")
    evaluation = ask(service, asker)
    budget = restate(service, "burning_fast", T0 + MINUTE)
    follow_state_changed(budget, at=T0 + MINUTE)
    evaluation.refresh_from_db()
    assert evaluation.status == "approved"
    start(change_of(evaluation), asker, T0 + MINUTE)


@pytest.mark.parametrize("kind", ["lockdown", "freeze", "blackout"])
def test_what_people_closed_holds_it_all_the_same(
    kind: str, asker: Actor, managing: Actor, shadowed: Callable[..., Service]
) -> None:
    service = shadowed("exhausted")
    let_go = ask(service, asker)
    a_window(managing, window_type=kind, name="Year end", starts_at=T0 - MINUTE, ends_at=T0 + DAY, services=[service])
    let_go.refresh_from_db()
    assert let_go.status in ("expired", "cancelled")
    after = ask(service, asker)
    assert (after.status, after.outcome, after.decided_by) == ("pending", "postponed", "")


def test_closed_between_answer_and_start_it_does_not_start(
    asker: Actor, managing: Actor, shadowed: Callable[..., Service]
) -> None:
    service = shadowed("exhausted")
    a_window(
        managing, window_type="freeze", name="Fair", starts_at=T0 + 5 * MINUTE, ends_at=T0 + DAY, services=[service]
    )
    evaluation = ask(service, asker)
    with pytest.raises(AuthorisationRevoked, match="Fair"):
        start(change_of(evaluation), asker, T0 + 6 * MINUTE)
    evaluation.refresh_from_db()
    assert evaluation.status == "expired"


def test_an_answer_never_outlives_the_shadow(asker: Actor, shadowed: Callable[..., Service]) -> None:
    service = shadowed("exhausted", 10 * MINUTE)
    evaluation = ask(service, asker, T0 + 9 * MINUTE)
    assert evaluation.expires_at == T0 + 10 * MINUTE
    after = ask(service, asker, T0 + 10 * MINUTE)
    assert (after.status, after.decided_by) == ("pending", "")


def test_the_gate_rules_again_at_once_and_what_only_the_shadow_allowed_is_taken_back(
    asker: Actor, owning: Actor, shadowed: Callable[..., Service]
) -> None:
    service = shadowed("exhausted")
    unused, used = ask(service, asker), ask(service, asker)
    run = start(change_of(used), asker, T0 + MINUTE)
    assert shadowing.end_shadow(service, actor=owning, at=T0 + 2 * MINUTE) == 1
    unused.refresh_from_db()
    assert (unused.status, change_of(unused).status) == ("expired", "draft")
    assert deploying.finish_deployment(run, actor=asker, status="succeeded", at=T0 + 3 * MINUTE).status == "succeeded"
    assert ask(service, asker, T0 + 3 * MINUTE).status == "pending"
    with pytest.raises(WrongState, match="the gate rules"):
        shadowing.end_shadow(service, actor=owning, at=T0 + 4 * MINUTE)


def test_it_takes_two_and_begins_when_the_second_says_so(
    asker: Actor, owning: Actor, managing: Actor, manager: User
) -> None:
    service = a_measured_service("exhausted")
    asked = shadowing.ask_shadow(service, actor=owning, until=T0 + 28 * DAY, reason=WHY, at=T0)
    assert isinstance(asked, Confirmation)
    assert shadow_of(service.pk, T0) is None
    confirming.confirm(asked, actor=managing, at=T0 + MINUTE, version=asked.version)
    made = GateShadow.objects.get()
    assert (made.confirmed_by_id, made.began_at, made.until) == (manager.pk, T0 + MINUTE, T0 + 28 * DAY)
    assert ask(service, asker, T0 + 2 * MINUTE).decided_by == "shadow"
    with pytest.raises(WrongState, match="already"):
        shadowing.ask_shadow(service, actor=owning, until=T0 + 20 * DAY, reason=WHY, at=T0 + 2 * MINUTE)


def test_prolonged_another_while_follows(owning: Actor, managing: Actor, shadowed: Callable[..., Service]) -> None:
    service = shadowed("healthy", 2 * DAY)
    asked = shadowing.ask_shadow(service, actor=owning, until=T0 + 60 * DAY, reason=WHY, at=T0 + DAY)
    confirming.confirm(asked, actor=managing, at=T0 + DAY, version=asked.version)
    first, second = GateShadow.objects.order_by("pk")
    assert (first.ended_at, second.until) == (T0 + DAY, T0 + 60 * DAY)


def test_before_the_gate_rules_again_by_itself_its_people_hear_of_it_once(
    owning: Actor, managing: Actor, owner: User
) -> None:
    service = a_measured_service("exhausted")
    asked = shadowing.ask_shadow(service, actor=owning, until=T0 + 28 * DAY, reason=WHY, at=T0)
    confirming.confirm(asked, actor=managing, at=T0, version=asked.version)
    told = Notification.objects.filter(to=owner, subject__contains="the gate rules over")
    shadowing.rules_soon(service.pk, T0 + 10 * DAY)  # too early: it was prolonged meanwhile, say
    assert not told.exists()
    due_row = Due.objects.get(name=shadowing.RULES_SOON)
    assert due_row.at == T0 + 25 * DAY
    shadowing.rules_soon(service.pk, due_row.at)
    assert told.get().path.endswith(f"/start/{service.slug}/")
    shadowing.end_shadow(service, actor=owning, at=T0 + 26 * DAY)
    assert not Due.objects.filter(name=shadowing.RULES_SOON, done_at=None).exists()


@pytest.mark.parametrize("until", [T0, T0 + 90 * DAY + timedelta(seconds=1)])
def test_longer_than_ninety_days_is_no_shadow(until: Any, owning: Actor) -> None:
    with pytest.raises(InvalidInput):
        shadowing.ask_shadow(a_measured_service(), actor=owning, until=until, reason=WHY, at=T0)


def test_only_owners_and_managers_and_people(asker: Actor, approving: Actor, shadowed: Callable[..., Service]) -> None:
    service = shadowed()
    for actor in (asker, approving):
        with pytest.raises(NotPermitted):
            shadowing.ask_shadow(service, actor=actor, until=T0 + DAY, reason=WHY, at=T0)
        with pytest.raises(NotPermitted):
            shadowing.end_shadow(service, actor=actor, at=T0)


def test_the_database_keeps_one_while_of_ninety_days_and_two_people(
    owner: User, manager: User, shadowed: Callable[..., Service]
) -> None:
    service = shadowed()
    words: dict[str, Any] = {"service": service, "reason": WHY, "began_at": T0, "until": T0 + DAY}
    for wrong in (
        {"asked_by": owner, "confirmed_by": manager},
        {"asked_by": owner, "confirmed_by": owner, "ended_at": T0},
        {"asked_by": owner, "confirmed_by": manager, "ended_at": T0, "until": T0 + 91 * DAY},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            GateShadow.objects.create(**words | wrong)


@pytest.mark.parametrize("mode", ["", "SHADOW", "off", None, 1])
def test_a_word_that_nobody_knows_binds(mode: Any, asker: Actor, shadowed: Callable[..., Service]) -> None:
    """Recorded once, a decision is replayed with what it says; odd words lead to a gate that rules."""
    evaluation = ask(shadowed("exhausted"), asker)
    assert evaluation.decision is not None
    odd = evaluation.decision.evidence
    assert odd["reach"]["value"]["direct"][0]["mode"] == Mode.SHADOW
    odd["reach"]["value"]["direct"][0]["mode"] = "" if mode is None else str(mode)
    assert decide(from_json(Evidence, odd), parsed(evaluation.decision.policy_id)).enforced is True


def test_an_experiment_is_let_go_for_certain_or_not_at_all(asker: Actor, shadowed: Callable[..., Service]) -> None:
    evaluation = ask(shadowed("exhausted"), asker, purpose="experiment", stake=Decimal("0.05"))
    assert (evaluation.decided_by, evaluation.status) == ("", "pending")


def test_where_the_gate_rules_nobody_asks_more_of_the_database(asker: Actor, shadowed: Callable[..., Service]) -> None:
    """Looking for a shadow costs no query of its own."""
    service = a_measured_service("healthy")
    with CaptureQueriesContext(
        connection,
    ) as counted:
        ask(service, asker)
    assert not [one for one in counted.captured_queries if 'FROM "changes_gateshadow"' in one["sql"]]


def test_the_probe_says_that_it_is_allowed_and_that_it_does_not_bind(
    engineer: User, api: Callable[[User], APIClient], owner: User, manager: User
) -> None:
    now = timezone.now()
    service = a_measured_service("exhausted", now)
    address = f"/api/v1/services/{service.slug}/gate/"
    assert {"allowed": False, "enforced": True}.items() <= api(engineer).get(address).json().items()
    GateShadow.objects.create(
        service=service, reason=WHY, began_at=now, until=now + DAY, asked_by=owner, confirmed_by=manager
    )
    said = api(engineer).get(address).json()
    assert (said["allowed"], said["enforced"], said["outcome"]) == (True, False, "postponed")
    assert not Change.objects.exists()


def test_the_service_page_says_that_it_is_only_recorded(
    engineer: User, web: Callable[[User], Client], owner: User, manager: User
) -> None:
    now = timezone.now()
    service = a_measured_service("exhausted", now)
    address, said = f"/changes/probe/{service.slug}/", "Recorded only"
    assert said not in web(engineer).get(address).content.decode()
    GateShadow.objects.create(
        service=service, reason=WHY, began_at=now, until=now + DAY, asked_by=owner, confirmed_by=manager
    )
    assert said in web(engineer).get(address).content.decode()
