"""A person's approval lives until its window ends, or for some working days; both sides hear of its end."""

from datetime import datetime, timedelta

import pytest

from changes.change.operations import people_decide as deciding
from changes.change.operations.lasting import ENDS_SOON
from changes.change.workflow import Status
from changes.models import Evaluation
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.notifications.models import Notification
from tests.factories.changes import a_measured_service, ask, change_of, restate, start
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
FRIDAY = datetime(2026, 3, 6, 15, 30, tzinfo=T0.tzinfo)


@pytest.fixture
def asking(engineer, as_actor):
    return as_actor(engineer)


def approved(asking, approving, at=T0, **words):
    evaluation = ask(a_measured_service(at=at), asking, at, **words)
    deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=at)
    evaluation.refresh_from_db()
    Notification.objects.all().delete()
    return evaluation


def told(subject):
    return set(Notification.objects.filter(subject__contains=subject).values_list("to__username", flat=True))


def test_five_working_days_go_over_the_weekend(asking, approving):
    assert approved(asking, approving, FRIDAY).expires_at == FRIDAY + timedelta(days=7)


def test_a_window_is_its_end_however_near_or_far(asking, approving):
    for starts in (timedelta(minutes=5), timedelta(days=30)):
        window = (T0 + starts, T0 + starts + HOUR)
        assert approved(asking, approving, window=window, artifact_digest=f"sha256:{starts}").expires_at == window[1]


def test_both_sides_hear_an_hour_before_and_when_it_has_ended(asking, approving):
    evaluation = approved(asking, approving)
    ends = evaluation.expires_at
    due.sweep(ends - HOUR - timedelta(seconds=1))
    assert not Notification.objects.exists()
    due.sweep(ends - HOUR)
    assert told("ends in an hour") == {"engineer", "approver"}
    due.sweep(ends)
    assert told("has ended unused") == {"engineer", "approver"}
    evaluation.refresh_from_db()
    assert (evaluation.status, change_of(evaluation).status) == (Evaluation.Status.EXPIRED, Status.DRAFT)
    due.sweep(ends + HOUR)
    assert Notification.objects.count() == 4


def test_what_was_used_or_called_off_tells_nobody(asking, approving):
    used, off = approved(asking, approving), approved(asking, approving)
    start(change_of(used), asking, T0)
    deciding.cancel(off.change, actor=asking, why="", at=T0)
    due.sweep(used.expires_at + HOUR)
    assert not told("approval of")
    assert not Due.objects.filter(name=ENDS_SOON).exists()


def test_what_lives_less_than_an_hour_ends_without_warning(asking, approving):
    window = (T0, T0 + timedelta(minutes=50))
    evaluation = approved(asking, approving, window=window)
    due.sweep(evaluation.expires_at)
    assert told("ends in an hour") == set()
    assert told("has ended unused") == {"engineer", "approver"}


def test_it_starts_on_its_last_day(asking, approving):
    evaluation = approved(asking, approving)
    last = evaluation.expires_at - timedelta(minutes=1)
    restate(evaluation.change.service, "healthy", last)
    assert start(change_of(evaluation), asking, last)
