"""Time and news: what is postponed lives, is judged again, and ends; what people leave lying expires."""

from datetime import timedelta

import pytest
from django.utils import timezone

from changes.change.operations import evaluating
from changes.change.operations import people_decide as deciding
from changes.change.operations.evaluations import people_in_time
from changes.change.workflow import Status
from changes.models import ChangeModel, Decision, Evaluation
from itsm.approvals.models import ApprovalRequest
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.kernel.errors import WrongState
from itsm.notifications.models import Notification
from slo.objectives.operations.evaluation import EVALUATOR
from slo.objectives.operations.state_changes import announce_changes
from tests.factories.changes import a_measured_service, a_model, ask, change_of, restate, stands
from tests.factories.slo import T0, an_objective

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def now(evaluation):
    evaluation.refresh_from_db()
    return evaluation.outcome, evaluation.status


@pytest.fixture
def postponed(asker, owning):
    service = a_measured_service("burning_fast")
    a_model(service, owning)
    return ask(service, asker, change_class="standard")


def test_postponed_is_judged_again_at_its_instant(postponed):
    assert postponed.not_before == T0 + timedelta(minutes=30)
    restate(postponed.change.service, "healthy", postponed.not_before)
    assert due.sweep(postponed.not_before - timedelta(seconds=1)) == 0
    assert due.sweep(postponed.not_before) == 1
    assert now(postponed) == ("approved", "approved")
    assert [one.outcome for one in Decision.objects.order_by("pk")] == ["postponed", "approved"]


def test_postponed_may_turn_into_a_question_for_people(postponed):
    restate(postponed.change.service, "no_data", postponed.not_before)
    due.sweep(postponed.not_before)
    assert now(postponed) == ("peer", "pending")
    assert ApprovalRequest.objects.get().status == "open"


def test_it_keeps_its_deadline_however_often_it_is_put_off(postponed):
    deadline = postponed.deadline
    assert deadline == postponed.not_before + 24 * HOUR
    at = postponed.not_before
    for _ in range(3):
        restate(postponed.change.service, "burning_fast", at)
        due.sweep(at)
        postponed.refresh_from_db()
        assert (postponed.deadline, postponed.status) == (deadline, "pending")
        at = postponed.not_before
    restate(postponed.change.service, "burning_fast", deadline)
    due.sweep(deadline)
    assert now(postponed) == ("postponed", "expired")
    assert change_of(postponed).status == Status.DRAFT
    assert not Due.objects.filter(done_at=None).exists()


def test_a_change_of_state_is_news_for_what_waits(postponed):
    """The budget recovers before the instant that was expected."""
    announce_changes(actor=EVALUATOR)
    ChangeModel.objects.update(certified_at=timezone.now())
    restate(postponed.change.service, "healthy", timezone.now())
    assert due.sweep(T0 + timedelta(minutes=29)) == 0
    announce_changes(actor=EVALUATOR)
    assert due.sweep(timezone.now()) == 1
    assert now(postponed) == ("approved", "approved")


@pytest.mark.parametrize("state", ["burning_fast", "exhausted", "no_data"])
def test_a_budget_that_collapses_takes_back_what_nobody_used(asker, owning, state):
    service, other = a_measured_service(), a_measured_service()
    for one in (service, other):
        a_model(one, owning)
    announce_changes(actor=EVALUATOR)
    mine, elsewhere, theirs = (
        ask(service, asker, change_class="standard"),
        ask(service, asker, change_class="standard", environment="staging"),
        ask(other, asker, change_class="standard"),
    )
    restate(service, state, T0)
    announce_changes(actor=EVALUATOR)
    assert now(mine) == ("approved", "expired")
    assert state.replace("_", " ") in mine.ended_because
    assert now(elsewhere) == now(theirs) == ("approved", "approved")


def test_a_budget_that_only_shrinks_takes_nothing_back(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard")
    restate(service, "watch", T0)
    announce_changes(actor=EVALUATOR)
    assert now(evaluation) == ("approved", "approved")


def test_an_objective_that_does_not_gate_takes_nothing_back(asker, owning):
    """It is shown and reported; what changes go by are the objectives that gate."""
    service = a_measured_service()
    beside = an_objective(service=service, gating=False)
    stands(beside, "healthy", T0)
    a_model(service, owning)
    announce_changes(actor=EVALUATOR)
    evaluation = ask(service, asker, change_class="standard")
    stands(beside, "exhausted", T0)
    assert announce_changes(actor=EVALUATOR) == 1
    assert now(evaluation) == ("approved", "approved")


def test_an_approval_by_a_person_stands_when_the_budget_collapses(asker, approving):
    evaluation = ask(a_measured_service(), asker)
    deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=T0)
    restate(evaluation.change.service, "exhausted", T0)
    announce_changes(actor=EVALUATOR)
    assert now(evaluation) == ("peer", "approved")


def test_nobody_decides_in_time_never_means_yes(asker, approver):
    evaluation = ask(a_measured_service(), asker)
    put = ApprovalRequest.objects.get()
    assert put.due_at == T0 + 24 * HOUR
    assert due.sweep(put.due_at - timedelta(seconds=1)) == 0
    assert due.sweep(put.due_at) == 1
    assert now(evaluation) == ("peer", "expired")
    assert evaluation.ended_because == "nobody decided in time"
    assert change_of(evaluation).status == Status.DRAFT


def test_a_late_sweeper_does_not_undo_a_decision_that_was_in_time(asker, approving):
    """Claimed while it waited, kept after somebody had approved."""
    evaluation = ask(a_measured_service(), asker)
    deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=T0)
    people_in_time(evaluation.change_id, T0 + 25 * HOUR)
    assert now(evaluation) == ("peer", "approved")


def test_a_stale_reminder_does_not_end_a_newer_ask(asker, approver):
    evaluation = ask(a_measured_service(), asker)
    ApprovalRequest.objects.update(due_at=T0 + 48 * HOUR)
    people_in_time(evaluation.change_id, T0 + 25 * HOUR)
    assert now(evaluation) == ("peer", "pending")


def test_sweeping_twice_does_it_once(postponed):
    restate(postponed.change.service, "healthy", postponed.not_before)
    assert [due.sweep(postponed.not_before) for _ in range(2)] == [1, 0]
    assert Decision.objects.count() == 2
    assert Evaluation.objects.count() == 1


def test_what_waits_ends_with_its_window_and_is_not_judged_any_more(asker, owning, pipeline):
    """At the end of the window, though it was to be judged later; the person who owns the program hears of it."""
    service = a_measured_service("burning_fast")
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard", window=(T0, T0 + timedelta(minutes=20)))
    assert evaluation.not_before == T0 + timedelta(minutes=30)
    restate(service, "healthy", T0 + timedelta(minutes=20))
    due.sweep(T0 + timedelta(minutes=20))
    assert now(evaluation) == ("postponed", "expired")
    assert (evaluation.ended_because, change_of(evaluation).status) == (
        "its window closed while it waited", Status.DRAFT,
    )  # fmt: skip
    assert Decision.objects.count() == 1
    told = Notification.objects.get(subject__contains="its window closed")
    assert told.to_id == pipeline.owner_id


def test_who_waits_for_people_until_the_window_is_over_is_told_too(asker, managing, approving, pipeline):
    evaluation = ask(a_measured_service(), asker, window=(T0, T0 + timedelta(minutes=20)))
    assert now(evaluation) == ("peer", "pending")
    with pytest.raises(WrongState, match="has closed; ask again"):
        deciding.decide_by_person(
            change_of(evaluation), actor=approving, decision="approve", comment="", at=T0 + timedelta(minutes=20)
        )
    evaluating.evaluate_now(change_of(evaluation), actor=managing, at=T0 + timedelta(minutes=20))
    assert now(evaluation) == ("peer", "expired")
    assert not ApprovalRequest.objects.filter(status="open").exists()
    assert Notification.objects.filter(to=pipeline.owner_id, subject__contains="its window closed").exists()


def test_judged_again_within_seconds_the_same_answer_is_not_written_twice(postponed, asker):
    change = change_of(postponed)
    for seconds in (0, 3, 9):
        evaluating.evaluate_now(change, actor=asker, at=T0 + timedelta(seconds=seconds))
    assert Decision.objects.count() == 1
    evaluating.evaluate_now(change, actor=asker, at=T0 + evaluating.JUST_EVALUATED)
    assert Decision.objects.count() == 2


def test_judged_again_within_seconds_what_has_changed_counts(postponed, asker):
    restate(postponed.change.service, "healthy", T0 + timedelta(seconds=1))
    evaluating.evaluate_now(change_of(postponed), actor=asker, at=T0 + timedelta(seconds=1))
    assert now(postponed) == ("approved", "approved")
    assert Decision.objects.count() == 2
