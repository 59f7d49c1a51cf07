"""Closing the calendar: what is unused is taken back in the same transaction, what is asked waits for the end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from changes.calendar.operations import windows
from changes.change.operations import deploying
from changes.change.operations import people_decide as deciding
from changes.change.workflow import Status
from changes.models import CalendarOccurrence, CalendarWindow, Evaluation
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.actors import Door
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from slo.models import Reservation
from tests.factories.changes import (
    a_measured_service,
    a_model,
    a_window,
    an_artifact,
    ask,
    attested,
    change_of,
    restate,
)
from tests.factories.slo import T0, a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def close(actor, window_type="freeze", starts=T0, ends=T0 + 3 * HOUR, at=T0, **scope):
    return a_window(
        actor,
        window_type=window_type,
        name="Quarter end",
        starts_at=starts,
        ends_at=ends,
        reason="Books.",
        at=at,
        **scope,
    )


@pytest.fixture
def service(owning):
    service = a_measured_service()
    a_model(service, owning)
    return service


@pytest.mark.parametrize("window_type", ["freeze", "blackout"])
def test_closing_takes_back_what_nobody_used(service, asker, managing, window_type):
    evaluation = ask(service, asker, change_class="standard")
    close(managing, window_type)
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.ended_because) == ("expired", "the calendar closed: Quarter end")
    assert change_of(evaluation).status == Status.DRAFT
    assert not Reservation.objects.filter(released_at=None).exists()


@pytest.mark.parametrize("window_type", ["freeze", "blackout", "lockdown"])
def test_what_is_asked_meanwhile_waits_for_the_end(service, asker, managing, window_type):
    close(managing, window_type)
    evaluation = ask(service, asker, change_class="standard")
    assert (evaluation.outcome, evaluation.status) == ("postponed", "pending")
    assert evaluation.not_before == T0 + 3 * HOUR
    restate(service, "healthy", T0 + 3 * HOUR)
    assert due.sweep(T0 + 3 * HOUR)
    evaluation.refresh_from_db()
    assert evaluation.outcome == "approved"


def test_maintenance_takes_nothing_back(service, asker, managing):
    evaluation = ask(service, asker, change_class="standard")
    close(managing, "maintenance")
    evaluation.refresh_from_db()
    assert evaluation.status == "approved"


def test_only_what_is_in_scope_is_taken_back(service, asker, owning, managing):
    other = a_measured_service()
    a_model(other, owning)
    mine, theirs = (ask(one, asker, change_class="standard") for one in (service, other))
    close(managing, services=[other])
    close(managing, environments=["staging"])
    for evaluation in (mine, theirs):
        evaluation.refresh_from_db()
    assert (mine.status, theirs.status) == ("approved", "expired")


def test_a_used_authorisation_goes_on(service, asker, managing):
    evaluation = ask(service, asker, change_class="standard")
    deploying.start_deployment(evaluation.change, artifact_digest=evaluation.change.artifact_digest, actor=asker, at=T0)
    close(managing)
    assert change_of(evaluation).status == Status.RUNNING


def test_other_environments_know_only_lockdowns(service, asker, managing):
    evaluation = ask(service, asker, change_class="standard", environment="staging")
    close(managing)
    evaluation.refresh_from_db()
    assert evaluation.status == "approved"
    deployment = deploying.start_deployment(
        evaluation.change, artifact_digest=evaluation.change.artifact_digest, actor=asker, at=T0
    )
    assert deployment.status == "started"
    second = ask(service, asker, change_class="standard", environment="staging")
    close(managing, "lockdown")
    second.refresh_from_db()
    assert (second.status, change_of(second).status) == ("cancelled", Status.ON_HOLD)


def test_a_closure_that_began_since_stops_the_start(service, asker, managing):
    evaluation = ask(service, asker, change_class="standard")
    close(managing, starts=T0 + timedelta(minutes=10))
    evaluation.refresh_from_db()
    assert evaluation.status == "approved"  # it has not begun
    with pytest.raises(WrongState, match="calendar is closed"):
        deploying.start_deployment(
            evaluation.change,
            artifact_digest=evaluation.change.artifact_digest,
            actor=asker,
            at=T0 + timedelta(minutes=10),
        )
    evaluation.refresh_from_db()
    assert evaluation.status == "expired"


def test_people_do_not_approve_into_a_freeze(asker, approving, managing):
    evaluation = ask(a_measured_service(), asker)
    close(managing)
    with pytest.raises(WrongState, match="Quarter end"):
        deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=T0)
    evaluation.refresh_from_db()
    assert evaluation.status == "pending"


def test_an_owner_lets_a_proven_security_fix_through_a_freeze(asker, approver, owning, managing):
    close(managing)
    service = a_measured_service()
    attested(service, an_artifact("fixed"), approver, about=["scans"])
    evaluation = ask(
        service, asker, purpose="security_fix", artifact_digest=an_artifact("fixed"),
        exception={"cve": "CVE-2026-1"},
    )  # fmt: skip
    assert evaluation.outcome == "peer"
    deciding.decide_by_person(evaluation.change, actor=owning, decision="approve", comment="", at=T0)
    assert (
        deploying.start_deployment(
            evaluation.change, artifact_digest=evaluation.change.artifact_digest, actor=asker, at=T0
        ).status
        == "started"
    )


def test_claiming_an_emergency_does_not_open_the_calendar(asker, approving, managing):
    evaluation = ask(a_measured_service(), asker, change_class="emergency")
    close(managing)
    with pytest.raises(WrongState):
        deciding.decide_by_person(evaluation.change, actor=approving, decision="approve", comment="", at=T0)


def test_lifting_a_freeze_judges_again_what_it_held(service, asker, managing):
    window = close(managing)
    evaluation = ask(service, asker, change_class="standard")
    windows.lift_window(window, actor=managing, version=window.version, at=T0 + timedelta(minutes=5))
    assert due.sweep(T0 + timedelta(minutes=5)) == 1
    evaluation.refresh_from_db()
    assert (evaluation.outcome, evaluation.status) == ("approved", "approved")


def test_the_queue_of_a_freeze_is_judged_one_by_one(owning, person, as_actor, managing):
    """Room for two at 5 % left: the first in the queue get it, the others keep waiting."""
    service = a_measured_service()
    a_model(service, owning, rollback_tested=True)
    restate(service, "constrained", T0, remaining="0.05")
    window = close(managing)
    askers = [as_actor(person("engineer", username=f"asker-{number}")) for number in range(4)]
    waiting = [ask(service, asker, change_class="standard") for asker in askers]
    windows.lift_window(window, actor=managing, version=window.version, at=T0)
    due.sweep(T0)
    outcomes = [Evaluation.objects.get(pk=one.pk).outcome for one in waiting]
    assert outcomes == ["approved", "approved", "postponed", "postponed"]


@each_of("role", ["requester", "agent", "engineer", "approver", "owner", "auditor"])
def test_only_change_managers_keep_the_calendar(person, as_actor, managing, role):
    window = close(managing)
    with pytest.raises(NotPermitted):
        close(as_actor(person(role)))
    with pytest.raises(NotPermitted):
        windows.lift_window(window, actor=as_actor(person(role)), version=1, at=T0)


def test_a_window_ends_after_it_starts_and_not_in_the_past(managing):
    for starts, ends in ((T0, T0), (T0 - 2 * HOUR, T0 - HOUR)):
        with pytest.raises(InvalidInput):
            close(managing, starts=starts, ends=ends)
    assert not CalendarWindow.objects.exists()


def test_why_something_is_closed_is_for_people_who_work_here(manager, requester, engineer, web, api) -> None:
    at = timezone.now()
    window = a_window(
        actor_for(manager, Door.WEB), window_type="lockdown", name="Closed", reason="Acme was breached", at=at,
        starts_at=at, ends_at=at + timedelta(hours=1),
    )  # fmt: skip
    doors = ("/changes/calendar/", "/", "/changes/", "/services/", "/search/?q=Acme", "/search/?q=Closed")
    for path in doors:
        assert "breached" not in web(requester).get(path).content.decode(), path
    for path in ("/api/v1/calendar-windows/", f"/api/v1/calendar-windows/{window.pk}/"):
        told = api(requester).get(path).content.decode()
        assert "Acme" not in told
        assert "Closed" in told
        assert "Acme was breached" in api(engineer).get(path).content.decode()
    assert "Acme was breached" in web(engineer).get("/changes/calendar/").content.decode()


def test_of_a_window_whose_times_are_forgotten_the_page_says_when_it_was(manager, managing, web):
    now = timezone.now()
    for number in range(2):
        close(managing, starts=now - (500 - number) * DAY, ends=now - (499 - number) * DAY, at=now - 600 * DAY)
    CalendarOccurrence.objects.first().delete()
    page = web(manager).get("/changes/calendar/")
    assert page.status_code == 200
    assert [window.last_end is None for window in page.context["over"]] == [False, True]


def test_a_window_for_a_service_that_somebody_may_not_see_is_not_there_for_them(managing, requester, manager, web, api):
    now = timezone.now().replace(microsecond=0)
    shown, hidden = a_service(slug="printing"), a_service(slug="merger-room", audience=["staff"])
    both, secret = (
        a_window(
            managing, window_type="freeze", name=name, reason="So.", at=now, starts_at=now + HOUR,
            ends_at=now + DAY, services=services,
        )
        for name, services in (("Both", [shown, hidden]), ("Merger", [hidden]))
    )  # fmt: skip
    for person, sees in ((requester, False), (manager, True)):
        answers = [
            web(person).get(f"/changes/calendar/{view}?on={now + HOUR:%Y-%m-%d}").content.decode()
            for view in ("", "month/", "week/")
        ] + [api(person).get(f"/api/v1/{path}/").content.decode() for path in ("calendar-windows", "calendar")]
        assert all("Both" in one for one in answers)
        assert [("merger" in one.lower()) for one in answers] == [sees] * len(answers)
        assert api(person).get(f"/api/v1/calendar-windows/{secret.pk}/").status_code == (200 if sees else 404)
    assert both.services.count() == 2


def test_of_a_team_that_is_merged_the_windows_say_the_other_one_and_who_moved_them(managing):
    old, new = (Team.objects.create(slug=slug, name=slug) for slug in ("old", "new"))
    window = close(managing, teams=[old])
    assert windows.windows_follow(old, new, managing) == 1
    assert list(window.teams.all()) == [new]
    told = Entry.objects.filter(record_kind=window.kind, record_id=window.pk, event="calendar_window.edited").get()
    assert (told.actor_name, told.changes) == (managing.name, {"teams": ["old", "new"]})
