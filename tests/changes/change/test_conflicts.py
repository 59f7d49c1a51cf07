"""Conflicts look at time: what meets is in the way, scheduled, running or waiting; what does not, is not."""

from datetime import timedelta

import pytest

from changes.change.operations import deploying
from changes.change.operations import people_decide as deciding
from changes.models import Change
from tests.factories.changes import a_measured_service, a_model, ask, start
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
NEXT_WEEK = (T0 + WEEK, T0 + WEEK + 2 * HOUR)


@pytest.fixture
def service(owning):
    service = a_measured_service()
    a_model(service, owning)
    return service


def kinds(evaluation):
    """What was in the way of it."""
    return {(one["kind"], one["reference"]) for one in evaluation.decision.evidence["calendar"]["value"]["conflicts"]}


def test_two_that_wait_see_each_other_where_their_windows_meet(service, asker):
    first = ask(service, asker, window=NEXT_WEEK)
    assert first.status == "pending"
    later = (NEXT_WEEK[0] + HOUR, NEXT_WEEK[1] + HOUR)
    assert kinds(ask(service, asker, window=later)) == {
        ("same_ci", first.change.reference), ("window", first.change.reference),
    }  # fmt: skip


def test_windows_that_only_touch_do_not_meet(service, asker):
    ask(service, asker, window=NEXT_WEEK)
    assert kinds(ask(service, asker, window=(NEXT_WEEK[1], NEXT_WEEK[1] + HOUR))) == set()


def test_two_that_wait_without_a_window_do_not_see_each_other(service, asker):
    ask(service, asker)
    assert kinds(ask(service, asker)) == set()


def test_one_that_runs_today_is_none_for_next_week(service, asker):
    running = ask(service, asker, change_class="standard").change
    start(running, asker, T0)
    assert kinds(ask(service, asker, window=NEXT_WEEK)) == set()
    assert kinds(ask(service, asker)) == {("deployment_target", running.reference)}
    soon = (T0 + HOUR, T0 + 2 * HOUR)
    assert ("deployment_target", running.reference) in kinds(ask(service, asker, window=soon))


def test_one_that_overruns_its_window_is_in_the_way_still(service, asker):
    running = ask(service, asker, change_class="standard", window=(T0, T0 + HOUR)).change
    start(running, asker, T0)
    at = T0 + 3 * HOUR
    assert ("deployment_target", running.reference) in kinds(ask(service, asker, at, window=(at, at + HOUR)))


def test_one_that_is_scheduled_for_next_week_is_none_for_now(service, asker):
    scheduled = ask(service, asker, change_class="standard", window=NEXT_WEEK).change
    assert kinds(ask(service, asker)) == set()
    assert ("same_ci", scheduled.reference) in kinds(ask(service, asker, window=NEXT_WEEK))


def test_one_that_may_start_any_time_is_in_the_way_until_it_ends(service, asker, approving):
    evaluation = ask(service, asker)
    deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=T0)
    until = Change.objects.get(pk=evaluation.change_id).authorised_until
    before, after = (until - HOUR, until + HOUR), (until, until + HOUR)
    assert ("same_ci", evaluation.change.reference) in kinds(ask(service, asker, window=before))
    assert evaluation.change.reference not in {reference for _, reference in kinds(ask(service, asker, window=after))}


def test_a_failure_of_today_is_none_for_next_week(service, asker):
    running = ask(service, asker, change_class="standard").change
    deployment = start(running, asker, T0)
    deploying.finish_deployment(deployment, actor=asker, status="failed", at=T0)
    assert kinds(ask(service, asker, window=NEXT_WEEK)) == set()
    assert kinds(ask(service, asker)) == {("failed_in_window", running.reference)}
