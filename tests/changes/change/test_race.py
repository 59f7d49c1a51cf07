"""Many at once, on real connections: no budget is promised twice, one answer is good, nothing locks up.

The mutant without the lock is run by the same code and must be seen to over-commit: so these tests can fail.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum
from django.utils import timezone

from changes.calendar.operations import windows
from changes.change.operations import asking, deploying, editing, evaluating, locking
from changes.change.operations import people_decide as deciding
from changes.change.operations.evaluations import live_evaluation
from changes.models import Change, Deployment, Evaluation
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.errors import DomainError, Held
from slo.models import Budget, Objective, Reservation
from slo.objectives import operations as slo
from slo.objectives.operations.evaluation import EVALUATOR
from slo.objectives.operations.state_changes import announce_changes
from tests.factories.changes import a_measured_service, a_model, a_window, ask, question, restate, start
from tests.factories.slo import T0
from tests.slo.proving import IN_FULL

PATIENCE = 600  # seconds: a ceiling for what never comes, not a measure
ROUNDS = range(10 if IN_FULL else 1)  # a race is lost now and then
pytestmark = pytest.mark.django_db(transaction=True)

ROOM_FOR_THREE = Decimal("0.07")  # each asks for 2 %


def at_once(work: Iterable[Callable[[], Any]]) -> list[Any]:
    """Every piece of work in its own thread and connection, begun together. Refusals come back as values."""
    pieces = list(work)
    begin = threading.Barrier(len(pieces))

    def one(piece: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            begin.wait(PATIENCE)
            return piece()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(pieces)) as pool:
        return list(pool.map(one, pieces))


@contextmanager
def unlocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The mutant: budgets are read but not locked, and everybody has read before anybody writes."""

    def lock_nothing(service_id: int, environment: str, *, at: Any) -> list[Budget]:
        return list(Budget.objects.select_related("objective").filter(objective__service=service_id))

    judged = evaluating.verdict_for
    together = threading.Barrier(8)

    def judge_together(*proposal: Any, **how: Any) -> Any:
        answer = judged(*proposal, **how)
        together.wait(PATIENCE)
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(locking, "lock_gating_budgets", lock_nothing)
        patched.setattr(evaluating, "verdict_for", judge_together)
        yield


def nearly_spent(owning, room=ROOM_FOR_THREE):
    service = a_measured_service("constrained")
    restate(service, "constrained", T0, remaining=room)
    a_model(service, owning, rollback_tested=True)
    return service


@pytest.fixture
def askers(person, as_actor):
    """Different people: one of them alone would get a fair share only."""
    return [as_actor(person("engineer", username=f"asker-{number}")) for number in range(32)]


def ask_together(services, askers, clients):
    asks = [(question(services[number % len(services)], change_class="standard"), askers[number % len(askers)])
            for number in range(clients)]  # fmt: skip
    return at_once(lambda one=one, who=who: asking.ask_gate(one, actor=who, at=T0) for one, who in asks)


def over_committed(services) -> list[Objective]:
    """The budgets of which more is held than there is."""
    found = []
    for budget in Budget.objects.filter(objective__service__in=services).select_related("objective"):
        held = Reservation.objects.in_flight(T0).filter(objective=budget.pk).aggregate(sum=Sum("ratio"))["sum"]
        if (held or Decimal(0)) > budget.remaining:
            found.append(budget.objective)
    return found


def test_thirty_two_clients_never_over_commit_one_budget(askers, owning):
    service = nearly_spent(owning)
    answers = ask_together([service], askers, 32)
    assert not over_committed([service])
    assert sorted(one.outcome for one in answers) == ["approved"] * 3 + ["postponed"] * 29
    assert Reservation.objects.count() == 3


@pytest.mark.in_turn(3, at=0)
@pytest.mark.parametrize("round_", ROUNDS)
def test_nor_several_budgets_at_once(askers, owning, round_):
    services = [nearly_spent(owning, Decimal("0.03") + Decimal(number) / 50) for number in range(4)]
    ask_together(services, askers, 32)
    assert not over_committed(services)
    held = [Reservation.objects.filter(objective__service=service).count() for service in services]
    assert held == [1, 2, 3, 4]  # and not one less than fits


@pytest.mark.in_turn(3, at=1)
@pytest.mark.parametrize("round_", ROUNDS)
def test_one_person_under_many_names_gets_a_fair_share_however_many_ask_at_once(
    person, as_actor, owning, engineer, round_
):
    service = nearly_spent(owning, Decimal("0.09"))
    names = [
        engineer,
        *(person("engineer", username=f"bot-{n}", account_type="service", owner=engineer) for n in range(7)),
    ]
    answers = ask_together([service], [as_actor(name) for name in names], 16)
    assert sorted(one.outcome for one in answers) == ["approved"] * 2 + ["postponed"] * 14
    assert set(Reservation.objects.values_list("person", flat=True)) == {engineer.pk}


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="minutes: make prove")
def test_nor_twenty_budgets_in_two_hundred_tries(askers, owning):
    budgets_in_tries(20, 200, askers, owning)


@pytest.mark.in_turn(3, at=2)
def test_nor_budgets_that_are_tried_again_and_again(askers, owning):
    """A sample of the one before."""
    budgets_in_tries(5, 2, askers, owning)


def budgets_in_tries(budgets, tries, askers, owning):
    """Each try on budgets of its own: in each there is room for one, and 32 ask."""
    for number in range(tries):
        services = [nearly_spent(owning, Decimal("0.03")) for _ in range(budgets)]
        ask_together(services, askers, len(askers))
        assert not over_committed(services), number
        held = Reservation.objects.filter(objective__service__in=services)
        assert held.values("objective").distinct().count() == held.count() == budgets, number


def test_a_gate_without_the_lock_would_over_commit(askers, asker, owning, monkeypatch):
    """The mutant fails where the gate above passes."""
    service = nearly_spent(owning)
    ask(a_measured_service(), asker)  # the policy is adopted and parsed before
    with unlocked(monkeypatch):
        answers = ask_together([service], askers, 8)
    assert [one.outcome for one in answers] == ["approved"] * 8
    assert over_committed([service])


def test_thirty_two_people_deciding_make_one_decision(asker, person, as_actor):
    people = [as_actor(person("approver", username=f"approver-{number}")) for number in range(16)]
    one_decision(ask(a_measured_service(), asker), people)


@pytest.mark.heavy
@pytest.mark.skipif(not IN_FULL, reason="minutes: make prove")
def test_nor_do_sixty_four_clients_make_more_of_any_of_five_hundred_versions(asker, person, as_actor, managing):
    versions_decided(500, 32, asker, person, as_actor, managing)


@pytest.mark.in_turn(3, at=1)
def test_nor_of_any_of_some_versions(asker, person, as_actor, managing):
    """A sample of the one before."""
    versions_decided(2, 8, asker, person, as_actor, managing)


def versions_decided(versions, number, asker, person, as_actor, managing):
    """Approvals and rejections of so many people, and the gate among them, about each version."""
    people = [as_actor(person("approver", username=f"approver-{each}")) for each in range(number)]
    service = a_measured_service()
    for _ in range(versions):
        evaluation = ask(service, asker)
        judge = partial(evaluating.evaluate_now, evaluation.change, actor=managing, at=T0)
        one_decision(evaluation, people, judge)
    assert ApprovalDecision.objects.count() == versions


def one_decision(evaluation, people, *beside):
    """Each of them approves and rejects at once; `beside`: what else happens meanwhile, whose answers do not count."""
    words = [("approve", ""), ("decline", "No.")]
    decide = [
        partial(deciding.decide_by_person, evaluation.change, actor=actor, decision=said, comment=why, at=T0)
        for actor in people
        for said, why in words
    ]
    answers = at_once([*decide, *beside])[: len(decide)]
    refused = [one for one in answers if isinstance(one, DomainError)]
    assert len(refused) == len(decide) - 1
    assert {one.status for one in refused} == {409}
    asks = ApprovalRequest.objects.filter(record_id=evaluation.change_id)
    assert (ApprovalDecision.objects.filter(ask__in=asks).count(), asks.exclude(status="open").count()) == (1, 1)
    evaluation.refresh_from_db()
    assert evaluation.status in {"approved", "rejected"}


def test_each_person_decides_once_however_often_they_click(asker, person, as_actor):
    evaluation = ask(a_measured_service(), asker)
    ApprovalRequest.objects.update(quorum=4)
    people = [as_actor(person("approver", username=f"approver-{number}")) for number in range(3)]
    at_once(
        lambda actor=actor: deciding.decide_by_person(
            evaluation.change, actor=actor, decision="approve", comment="", at=T0
        )
        for actor in people * 5
    )
    assert sorted(ApprovalDecision.objects.values_list("by", flat=True)) == sorted(actor.id for actor in people)
    assert ApprovalRequest.objects.get().status == "open"


def test_sixteen_starts_of_one_authorisation_make_one_deployment(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    change = ask(service, asker, change_class="standard").change
    answers = at_once(
        [lambda: deploying.start_deployment(change, artifact_digest=change.artifact_digest, actor=asker, at=T0)] * 16
    )
    assert sum(isinstance(one, Deployment) for one in answers) == 1
    assert {one.status for one in answers if isinstance(one, DomainError)} == {409}
    assert Deployment.objects.count() == 1


def pipelines_and_a_closing(kind, number, asker, owning, managing, seed=0):
    """So many pipelines ask, start, and start once more; somewhere among them the calendar closes.

    Returns what each came to, and how many deployments there were as the closing was committed: while it is written
    nobody starts.
    """
    services = [a_measured_service() for _ in range(min(number, 20))]
    for service in services:
        a_model(service, owning)
    deployed = []

    def pipeline(service):
        answer = asking.ask_gate(question(service, change_class="standard"), actor=asker, at=T0)
        if answer.status != "approved":
            return answer.outcome
        try:
            start(answer.change, asker)
        except DomainError as refused:
            return refused.status
        with pytest.raises(DomainError) as again:
            start(answer.change, asker)
        assert again.value.status == 409
        return "started"

    def close():
        with transaction.atomic():
            a_window(managing, window_type=kind, name="Stop", starts_at=T0, ends_at=T0.replace(hour=20))
            deployed.append(Deployment.objects.count())
        return "closed"

    chance = Random(seed)
    work = [partial(pipeline, chance.choice(services)) for _ in range(number)]
    work.insert(chance.randrange(number // 4, number), close)

    def one(piece):
        try:
            return piece()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(one, work)), deployed[0]


@pytest.mark.parametrize("kind", ["freeze", pytest.param("lockdown", marks=pytest.mark.heavy)])
@pytest.mark.parametrize("round_", ROUNDS[:3])
def test_no_pipeline_starts_after_the_calendar_has_closed(asker, owning, managing, kind, round_):
    number = 200 if IN_FULL else 16
    came_to, before = pipelines_and_a_closing(kind, number, asker, owning, managing, seed=round_)
    assert Deployment.objects.count() == before == came_to.count("started")
    assert set(came_to) <= {"started", "closed", "postponed", 409}
    assert not Evaluation.objects.filter(status="approved", used_at=None).exists()
    assert not Change.objects.filter(status="scheduled").exists()


def test_without_its_lock_a_closed_calendar_would_leave_authorisations_behind(asker, owning, managing, monkeypatch):
    """The mutant fails where the gate above passes: who judged before writes an approval after the closing."""
    service = a_measured_service()
    a_model(service, owning)
    ask(service, asker)  # the policy is adopted and parsed before
    closed, judged, judge = threading.Event(), threading.Barrier(5), evaluating.verdict_for

    def judge_and_wait(*proposal, **how):
        answer = judge(*proposal, **how)
        judged.wait(PATIENCE)
        closed.wait(PATIENCE)
        return answer

    def close():
        judged.wait(PATIENCE)
        a_window(managing, window_type="freeze", name="Stop", starts_at=T0, ends_at=T0.replace(hour=20))
        closed.set()

    with monkeypatch.context() as patched:
        patched.setattr(locking, "share_calendar", lambda: None)
        patched.setattr(locking, "lock_gating_budgets", lambda service_id, environment, *, at: list(
            Budget.objects.select_related("objective").filter(objective__service=service_id)
        ))  # fmt: skip
        patched.setattr(evaluating, "verdict_for", judge_and_wait)
        asks = [question(service, change_class="standard") for _ in range(4)]
        at_once([close, *(lambda one=one: asking.ask_gate(one, actor=asker, at=T0) for one in asks)])
    assert Evaluation.objects.filter(status="approved", used_at=None).count() == 4


def test_asks_under_way_when_a_freeze_comes_leave_nothing_approved(asker, owning, managing):
    service = a_measured_service()
    a_model(service, owning)
    ask(service, asker, change_class="standard")
    asks = [question(service, change_class="standard") for _ in range(15)]
    at_once(
        [
            *(lambda one=one: asking.ask_gate(one, actor=asker, at=T0) for one in asks),
            lambda: windows.add_window(
                actor=managing, window_type="freeze", name="Stop", starts_at=T0, ends_at=T0.replace(hour=20), reason="Now.",
                at=T0,
            ),
        ]
    )  # fmt: skip
    assert not Evaluation.objects.filter(status="approved").exists()
    assert not Reservation.objects.filter(released_at=None).exists()


@pytest.mark.in_turn(3, at=0)
@pytest.mark.parametrize("round_", ROUNDS)
def test_asks_under_way_when_the_budget_collapses_leave_nothing_approved(asker, owning, round_):
    """An approval that was being written on the old state is there to be taken back when the news comes."""
    service = a_measured_service()
    a_model(service, owning)
    announce_changes(actor=EVALUATOR)
    asks = [question(service, change_class="standard") for _ in range(12)]

    def collapse():
        restate(service, "exhausted", T0)
        announce_changes(actor=EVALUATOR)

    at_once([*(lambda one=one: asking.ask_gate(one, actor=asker, at=T0) for one in asks), collapse])
    assert not Evaluation.objects.filter(status="approved").exists()
    assert not Reservation.objects.filter(released_at=None).exists()


def test_the_same_question_at_once_opens_one_change(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    same = question(service, change_class="standard")
    at_once([lambda: asking.ask_gate(same, actor=asker, at=T0)] * 8)
    assert Evaluation.objects.values("change").distinct().count() == 1
    assert Evaluation.objects.filter(status="approved").count() == 1
    assert Reservation.objects.filter(released_at=None).count() == 1


def approved_by_people(service, asker, approving):
    change = ask(service, asker).change
    deciding.decide_by_person(change, actor=approving, decision="approve", comment="", at=T0)
    return change


def test_sixteen_starts_of_what_is_held_ask_once(asker, approving, managing):
    service = a_measured_service()
    change = approved_by_people(service, asker, approving)
    restate(service, "exhausted", T0)
    answers = at_once([lambda: start(change, asker)] * 16)
    assert {type(one) for one in answers} == {Held}
    assert ApprovalRequest.objects.filter(status="open").count() == 1
    assert Entry.objects.filter(event="change.held").count() == 1


@pytest.mark.in_turn(3, at=2)
@pytest.mark.parametrize("round_", ROUNDS)
def test_still_among_starts_lets_one_go_and_only_after_it(asker, approving, managing, round_):
    """Starts before the answer are held, one after it goes; nobody starts what nobody said "still" about."""
    service = a_measured_service()
    change = approved_by_people(service, asker, approving)
    restate(service, "exhausted", T0)
    at_once([lambda: start(change, asker)])
    starts = [lambda: start(change, asker)]
    still = [
        lambda: deciding.decide_by_person(change, actor=managing, decision="approve", comment="", at=T0),
        lambda: deciding.decide_by_person(change, actor=managing, decision="decline", comment="No.", at=T0),
    ]
    answers = at_once([*starts * 6, *still, *starts * 6])
    said = ApprovalDecision.objects.order_by("id").last().decision
    started = sum(isinstance(one, Deployment) for one in answers)
    assert started <= (1 if said == "approve" else 0)
    assert Deployment.objects.count() == started
    assert live_evaluation(change) is None or said == "approve"


def test_judging_again_among_answers_keeps_one_ask_and_one_decision(asker, person, as_actor, managing):
    evaluation = ask(a_measured_service(), asker)
    people = [as_actor(person("approver", username=f"approver-{number}")) for number in range(6)]
    judge = [lambda: evaluating.evaluate_now(evaluation.change, actor=managing, at=T0)]
    decide = [
        lambda one=one: deciding.decide_by_person(
            evaluation.change, actor=one, decision="approve", comment="", at=T0, seen=""
        )
        for one in people
    ]
    at_once([*judge * 4, *decide, *judge * 4])
    assert (ApprovalDecision.objects.count(), ApprovalRequest.objects.count()) == (1, 1)
    evaluation.refresh_from_db()
    assert evaluation.status == "approved"


def test_a_run_that_asks_anew_at_once_is_one_question(asker, pipeline, owning, api):
    """After a final answer eight re-runs without attempt make one new evaluation."""
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, owning, at=now)
    client = api(pipeline)
    body = {
        "service": service.slug, "change_class": "standard", "summary": "Deploy", "backout": "Back.",
        "artifact": {"digest": "sha256:1"}, "pipeline": {"provider": "ci", "run_id": "7"},
    }  # fmt: skip
    first = client.post("/api/v1/gate-evaluations/", body, format="json").json()
    deciding.cancel_evaluation(Evaluation.objects.get(), actor=asker, at=now)
    answers = at_once([lambda: client.post("/api/v1/gate-evaluations/", body, format="json").json()] * 8)
    assert len({one["id"] for one in answers} - {first["id"]}) == 1
    assert Evaluation.objects.count() == 2


def test_everything_at_once_never_locks_up(asker, owning, approving, managing):
    """Asking, judging, restating, sweeping, starting, editing, cancelling, deciding, closing, for two services.

    Whoever loses is refused in words; a deadlock would come out as an OperationalError and fail the test.
    """
    services = [a_measured_service() for _ in range(2)]
    for service in services:
        a_model(service, owning)
    objectives = list(Objective.objects.filter(service__in=services).values_list("pk", flat=True))
    ready = [ask(service, asker, change_class="standard").change for service in services for _ in range(4)]
    waiting = [ask(service, asker).change for service in services for _ in range(4)]
    by_people = [approved_by_people(service, asker, approving) for service in services]
    for service, change in zip(services, by_people, strict=True):
        restate(service, "no_data", T0)
        at_once([lambda one=change: start(one, asker)])
        restate(service, "healthy", T0)

    def collapse(service, state):
        restate(service, state, T0)
        announce_changes(actor=EVALUATOR)

    def edit(change):
        editing.edit(change, actor=asker, version=change.version, at=T0, plan="Another plan.")

    def again(change):
        evaluation = live_evaluation(change)
        return evaluation and evaluating.evaluate(evaluation, at=T0)

    pieces: list[Callable[[], Any]] = [
        *(lambda one=one: asking.ask_gate(one, actor=asker, at=T0) for one in map(question, services * 3)),
        *(lambda one=one: collapse(one, "exhausted") for one in services),
        *(lambda one=one: collapse(one, "healthy") for one in services),
        *(lambda: slo.evaluate(at=T0, objectives=objectives) for _ in range(2)),
        *(lambda one=one: deploying.start_deployment(one, artifact_digest=one.artifact_digest, actor=asker, at=T0) for one in ready[:4]),
        *(lambda one=one: edit(one) for one in [ready[4], waiting[0]]),
        *(lambda one=one: deciding.cancel(one, actor=asker, why="", at=T0) for one in [ready[4], ready[5], waiting[1]]),
        *(lambda one=one: deciding.decide_by_person(one, actor=approving, decision="approve", comment="", at=T0)
          for one in [waiting[0], waiting[2], waiting[3]]),
        *(lambda one=one: again(one) for one in waiting),
        *(lambda one=one: evaluating.evaluate_now(one, actor=managing, at=T0) for one in waiting[1:3]),
        *(lambda one=one: start(one, asker) for one in by_people * 2),
        *(lambda one=one: deciding.decide_by_person(one, actor=managing, decision="approve", comment="", at=T0)
          for one in by_people),
        *(lambda: due.sweep(T0.replace(hour=23)) for _ in range(3)),
        lambda: windows.add_window(
            actor=managing, window_type="freeze", name="Stop", starts_at=T0, ends_at=T0.replace(hour=20), reason="", at=T0
        ),
    ]  # fmt: skip
    at_once(pieces)
    assert not over_committed(services)
