"""Time and news: what is postponed lives, is judged again, and ends; what people leave lying expires."""

from datetime import timedelta

import pytest
from django.utils import timezone

from changes.models import ChangeModel, Decision, Evaluation
from changes.operations import approving as deciding
from changes.operations.authorising import people_in_time
from changes.workflow import Status
from itsm.approvals.models import Ask
from itsm.clocks import due
from itsm.clocks.models import Due
from slo.operations.announcements import announce_changes
from slo.operations.evaluation import EVALUATOR
from tests.factories.changes import a_measured_service, a_model, ask, change_of, restate
from tests.factories.slo import T0

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
    assert Ask.objects.get().status == "open"


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


def test_an_approval_by_a_person_stands_when_the_budget_collapses(asker, approving):
    evaluation = ask(a_measured_service(), asker)
    deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=T0)
    restate(evaluation.change.service, "exhausted", T0)
    announce_changes(actor=EVALUATOR)
    assert now(evaluation) == ("peer", "approved")


def test_nobody_decides_in_time_never_means_yes(asker, approver):
    evaluation = ask(a_measured_service(), asker)
    put = Ask.objects.get()
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
    Ask.objects.update(due_at=T0 + 48 * HOUR)
    people_in_time(evaluation.change_id, T0 + 25 * HOUR)
    assert now(evaluation) == ("peer", "pending")


def test_sweeping_twice_does_it_once(postponed):
    restate(postponed.change.service, "healthy", postponed.not_before)
    assert [due.sweep(postponed.not_before) for _ in range(2)] == [1, 0]
    assert Decision.objects.count() == 2
    assert Evaluation.objects.count() == 1
