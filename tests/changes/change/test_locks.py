"""The gate's locks, each where it decides: who comes second waits, and then sees what the first one did.

`test_race.py` throws many at once; here two meet at one lock, in an order that the test chooses.
"""

from datetime import timedelta

import pytest
from django.db import transaction

from changes.calendar.operations import windows
from changes.change.operations import evaluating
from changes.change.operations import people_decide as deciding
from changes.models import Decision, Deployment, Evaluation
from itsm.approvals.models import ApprovalRequest
from itsm.clocks import due
from itsm.kernel.errors import DomainError
from tests.factories.changes import a_measured_service, a_model, ask, change_of, start
from tests.factories.slo import T0
from tests.itsm.rivals import rivals

LATER = T0 + timedelta(hours=8)


def freeze(managing):
    return windows.add_window(
        actor=managing, window_type="freeze", name="Stop", starts_at=T0, ends_at=LATER, reason="Now.", at=T0
    )


def approve(change, approving):
    return deciding.decide_by_person(change, actor=approving, decision="approve", comment="", at=T0)


def refusal_of(work):
    """What it was refused with, as a value."""
    try:
        return work()
    except DomainError as refused:
        return refused


@pytest.mark.django_db(transaction=True)
class TestTheCalendar:
    """Shared by who judges, starts or approves; alone for who closes it."""

    def test_who_closes_it_waits_for_what_is_being_approved_and_takes_it_back(self, asker, owning, managing):
        service = a_measured_service()
        a_model(service, owning)
        ask(a_measured_service(), asker)  # the policy is adopted before
        with rivals() as begin:
            with transaction.atomic():
                approved = ask(service, asker, change_class="standard")
                assert approved.status == Evaluation.Status.APPROVED
                closing = begin(lambda: freeze(managing))
                assert closing.waits()
            closing.result()
        approved.refresh_from_db()
        assert approved.status == Evaluation.Status.EXPIRED

    def test_who_asks_waits_for_who_closes_it_and_is_held_by_it(self, asker, owning, managing):
        service = a_measured_service()
        a_model(service, owning)
        ask(a_measured_service(), asker)
        with rivals() as begin:
            with transaction.atomic():
                freeze(managing)
                asking = begin(lambda: ask(service, asker, change_class="standard"))
                assert asking.waits()
            assert asking.result().outcome == "postponed"

    def test_who_starts_waits_for_who_closes_it_and_does_not_start(self, asker, approving, managing):
        """What people approved is not taken back by a freeze, so only the calendar's lock is in the way."""
        change = ask(a_measured_service(), asker).change
        approve(change, approving)
        with rivals() as begin:
            with transaction.atomic():
                freeze(managing)
                starting = begin(lambda: refusal_of(lambda: start(change, asker)))
                assert starting.waits()
            assert isinstance(starting.result(), DomainError)
        assert not Deployment.objects.exists()

    def test_who_approves_waits_for_who_closes_it_and_is_told(self, asker, approving, managing):
        change = ask(a_measured_service(), asker).change
        with rivals() as begin:
            with transaction.atomic():
                freeze(managing)
                deciding_now = begin(lambda: refusal_of(lambda: approve(change, approving)))
                assert deciding_now.waits()
            assert "Stop" in str(deciding_now.result())
        assert Evaluation.objects.get().status == Evaluation.Status.PENDING


@pytest.mark.django_db(transaction=True)
def test_a_time_out_waits_for_who_decides_at_the_same_moment(asker, approving):
    """Due, and read as undecided, while somebody approves: their word holds."""
    change = ask(a_measured_service(), asker).change
    due_at = ApprovalRequest.objects.get().due_at
    with rivals() as begin:
        with transaction.atomic():
            approve(change, approving)
            timing_out = begin(lambda: due.sweep(due_at))
            assert timing_out.waits()
        timing_out.result()
    evaluation = Evaluation.objects.get()
    assert (evaluation.status, evaluation.decided_by, evaluation.ended_because) == ("approved", "person", "")


@pytest.mark.django_db
class TestWhatNoLongerWaits:
    """Read as waiting a moment ago, ended since: it is not judged any more."""

    def test_what_people_approved_since_is_not_judged(self, asker, approving):
        read_before = ask(a_measured_service(), asker)
        approve(read_before.change, approving)
        assert evaluating.evaluate(read_before, at=T0).status == Evaluation.Status.APPROVED
        assert Decision.objects.count() == 1
        assert not ApprovalRequest.objects.filter(status="open").exists()

    def test_nor_is_what_was_cancelled_since(self, asker, approver):
        read_before = ask(a_measured_service(), asker)
        deciding.cancel(change_of(read_before), actor=asker, why="Not needed.", at=T0)
        assert evaluating.evaluate(read_before, at=T0).status == Evaluation.Status.CANCELLED
        assert (Decision.objects.count(), change_of(read_before).status) == (1, "cancelled")
