"""Looking back: when a review is owed, who writes it, what waits for it, and what an overdue one suspends."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from catalog.models import Service
from changes.change.operations import deploying, people_decide
from changes.change.operations.reviewing import review
from changes.change.operations.unauthorised import record_unauthorised
from changes.change.workflow import Status
from changes.models import Change
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import MissingInformation, NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.factories.changes import (
    OPERATOR,
    a_measured_service,
    a_model,
    ask,
    change_of,
    ran,
    restate,
    reviewed,
    start,
)
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db

TWO_BUSINESS_DAYS_LATER = T0 + timedelta(days=2) + MINUTE  # it ended a minute after it began, on a Monday


@pytest.fixture
def responding(agent: User, as_actor: Callable[..., Actor]) -> Actor:
    return as_actor(agent)


@pytest.fixture
def burning(responding: Actor, managing: Actor) -> Incident:
    opened = incidents.open_incident(actor=responding, title="Down", service=a_measured_service(), priority=1, at=T0)
    return incidents.confirm(opened, actor=managing)


def urgently(burning: Incident, asker: Actor, at: datetime = T0) -> Change:
    assert burning.service is not None
    return change_of(
        ask(burning.service, asker, at=at, change_class="emergency", exception={"incident": burning.reference})
    )


@pytest.fixture
def fixed(burning: Incident, asker: Actor, managing: Actor) -> Change:
    """An emergency that ran, and is to be looked back at."""
    change = urgently(burning, asker)
    people_decide.decide_by_person(change, actor=managing, decision="approve", comment="", at=T0)
    return change_of(ran(change_of(change.evaluations.get()), asker, clean=False).evaluation)


@pytest.fixture
def approved(asker: Actor, owning: Actor) -> Change:
    service = a_measured_service()
    a_model(service, owning)
    return change_of(ask(service, asker, change_class="standard"))


def test_an_emergency_is_closed_only_after_the_board_has_looked_back_at_it(
    fixed: Change, managing: Actor, owning: Actor
) -> None:
    assert T0.astimezone(UTC).weekday() == 0
    assert (fixed.status, fixed.review_because) == (Status.REVIEWING, "emergency")
    assert fixed.review_due_at == TWO_BUSINESS_DAYS_LATER
    with pytest.raises(MissingInformation, match="review is due"):
        deploying.close(fixed, actor=managing, outcome_code="successful")
    with pytest.raises(NotPermitted):
        reviewed(fixed, owning)
    looked = reviewed(fixed, managing, TWO_BUSINESS_DAYS_LATER)
    assert (looked.status, looked.reviewed_at) == (Status.REVIEWING, TWO_BUSINESS_DAYS_LATER)
    assert deploying.close(fixed, actor=managing, outcome_code="successful").status == Status.CLOSED


@pytest.mark.parametrize(("status", "why"), [("failed", "unsuccessful"), ("rolled_back", "rolled_back")])
def test_what_failed_is_looked_back_at(approved: Change, asker: Actor, owning: Actor, status: str, why: str) -> None:
    change = change_of(ran(approved, asker, status=status, clean=False).evaluation)
    assert (change.review_because, change.review_due_at) == (why, TWO_BUSINESS_DAYS_LATER)
    reviewed(change, owning)
    assert deploying.close(change, actor=owning, outcome_code="unsuccessful").status == Status.CLOSED


def test_what_ran_well_owes_none_and_closes_by_itself(approved: Change, asker: Actor) -> None:
    change = change_of(ran(approved, asker).evaluation)
    assert (change.status, change.review_due_at) == (Status.CLOSED, None)


def test_what_is_said_to_have_failed_only_as_it_is_closed_is_looked_back_at_first(
    asker: Actor, approving: Actor, managing: Actor
) -> None:
    change = change_of(ask(a_measured_service(), asker))
    people_decide.decide_by_person(change, actor=approving, decision="approve", comment="", at=T0)
    change = change_of(ran(change_of(change.evaluations.get()), asker, clean=False).evaluation)
    with pytest.raises(MissingInformation, match="review is due"):
        deploying.close(change, actor=managing, outcome_code="unsuccessful")
    assert deploying.close(change, actor=managing, outcome_code="successful_with_issues").status == Status.CLOSED


def test_a_review_that_the_gate_made_a_condition_is_owed_and_nothing_closes_before_it(
    approved: Change, asker: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, promised = start(approved, asker), [{"code": "review_afterwards", "values": {}}]
    monkeypatch.setattr("changes.change.operations.deploying.finishing._conditions", lambda deployment: promised)
    deploying.finish_deployment(running, actor=asker, status="succeeded", at=T0 + MINUTE)
    restate(approved.service, "healthy", T0 + MINUTE + deploying.WATCH)
    deploying.watch_over(approved.pk, T0 + MINUTE + deploying.WATCH)
    change = change_of(approved.evaluations.get())
    assert (change.status, change.review_because) == (Status.REVIEWING, "condition")
    assert change.outcome_code == "successful"  # proposed; people close it


def test_three_questions_are_answered_and_the_history_keeps_every_word(fixed: Change, managing: Actor) -> None:

    with pytest.raises(MissingInformation, match="what it cost"):
        review(fixed, actor=managing, at=T0, review_worked="Yes", review_cost=" ", review_follow_up="A test")
    reviewed(fixed, managing)
    kept = Entry.objects.get(event="change.reviewed")
    assert kept.changes["review_cost"] == ["", "An hour of two people."]
    review(fixed, actor=managing, at=T0, review_worked="Yes", review_cost="More", review_follow_up="A test")
    assert Entry.objects.filter(event="change.reviewed").count() == 2


def test_who_had_a_part_in_it_does_not_look_back_at_it(
    burning: Incident, person: Callable[..., User], as_actor: Callable[..., Actor], managing: Actor
) -> None:
    both = as_actor(person("manager", username="both"))
    change = urgently(burning, both)
    people_decide.decide_by_person(change, actor=managing, decision="approve", comment="", at=T0)
    change = change_of(ran(change_of(change.evaluations.get()), both, clean=False).evaluation)
    with pytest.raises(NotPermitted):
        reviewed(change, both)


def test_nothing_is_looked_back_at_before_it_ran(approved: Change, managing: Actor, asker: Actor) -> None:
    for act in (lambda: None, lambda: start(approved, asker)):
        act()
        with pytest.raises(WrongState):
            reviewed(approved, managing)


def test_an_overdue_review_suspends_the_emergency_path_of_the_team_until_it_is_written(
    fixed: Change, burning: Incident, asker: Actor, managing: Actor
) -> None:
    in_time = urgently(burning, asker, TWO_BUSINESS_DAYS_LATER)
    assert in_time.change_class == "emergency"
    late = TWO_BUSINESS_DAYS_LATER + MINUTE
    refused = urgently(burning, asker, late)
    assert refused.change_class == "normal"
    (why,) = [one for one in refused.decisions.get().verdict["reasons"] if one["code"] == "emergency_refused"]
    assert why["values"]["because"] == "path_suspended"
    reviewed(fixed, managing, late)
    assert urgently(burning, asker, late).change_class == "emergency"


def test_the_database_closes_nothing_that_owes_a_review(fixed: Change) -> None:
    for fields in (
        {"status": "closed", "outcome_code": "successful"},
        {"status": "closed", "outcome_code": "successful", "review_due_at": None},
        {"reviewed_at": T0},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Change.objects.filter(pk=fixed.pk).update(**fields)


def test_what_went_out_unasked_is_always_looked_back_at(managing: Actor, owning: Actor) -> None:
    found = record_unauthorised(
        actor=OPERATOR, service=a_measured_service(), environment="production", summary="4.7.1", started_at=T0, at=T0
    )
    assert (found.review_because, found.review_due_at) == ("unauthorised", T0 + timedelta(days=2))
    with pytest.raises(MissingInformation, match="review is due"):
        deploying.close(found, actor=managing, outcome_code="successful")
    reviewed(found, owning)
    assert deploying.close(found, actor=managing, outcome_code="successful").status == Status.CLOSED


def test_the_pages_say_what_is_owed_and_take_the_review(
    fixed: Change, manager: User, web: Callable[[User], Client]
) -> None:
    browser = web(manager)
    listed = browser.get("/changes/?tab=reviews").content.decode()
    assert fixed.reference in listed
    assert "a review: it was an emergency" in listed
    page = browser.get(fixed.get_absolute_url()).content.decode()
    assert "it was an emergency" in page
    # What the button opens is found by its id: nothing else may bear it.
    assert re.findall(r'<(\w+)[^>]* id="review"', page) == ["dialog"]
    words = {"review_worked": "It did", "review_cost": "An hour", "review_follow_up": ""}
    path = f"/changes/{fixed.reference}/review/"
    assert browser.post(path, words).status_code == 422
    assert browser.post(path, words | {"review_follow_up": "A test of the failover"}).status_code == 302
    assert "A test of the failover" in browser.get(fixed.get_absolute_url()).content.decode()
    assert fixed.reference not in browser.get("/changes/?tab=reviews").content.decode()


def test_a_program_reads_what_is_owed(fixed: Change, manager: User, api: Callable[[User], Client]) -> None:
    client = api(manager)
    assert [one["number"] for one in client.get("/api/v1/changes/?review=due").json()["results"]] == [fixed.reference]
    answers = {"review_worked": "It did", "review_cost": "An hour", "review_follow_up": "A test"}
    said = client.post(f"/api/v1/changes/{fixed.reference}/review/", answers, format="json").json()
    assert (said["review_because"], said["review_cost"], said["reviewed_by"]) == ("emergency", "An hour", "manager")
    assert "close" in said["available"]


def told(person: User) -> list[str]:
    """Subjects, the first first."""
    return [
        one.subject
        for one in Notification.objects.filter(to=person).order_by("pk")
        if "look" in one.subject or "review" in one.subject.lower()
    ]


def test_who_looks_back_hears_of_it_as_it_falls_due_a_day_ahead_and_once_it_is_overdue(
    fixed: Change, manager: User, owner: User, engineer: User
) -> None:
    until = f"{TWO_BUSINESS_DAYS_LATER:%Y-%m-%d %H:%M}"
    steps = [f"{fixed.reference} is to be looked back at until {until} UTC"]
    assert told(manager) == steps
    for at, subject in (
        (
            TWO_BUSINESS_DAYS_LATER - timedelta(days=1),
            f"The review of {fixed.reference} is due in a day, at {until} UTC",
        ),
        (TWO_BUSINESS_DAYS_LATER, f"The review of {fixed.reference} is overdue since {until} UTC"),
    ):
        due.sweep(at - timedelta(seconds=1))
        assert told(manager) == steps
        for _twice in range(2):
            due.sweep(at)
        steps.append(subject)
        assert told(manager) == steps
    assert "has no emergency path" in Notification.objects.filter(to=manager).latest("pk").body
    assert told(owner) == []  # without a board for emergencies the change managers are the board


def test_what_was_looked_back_at_reminds_nobody(fixed: Change, manager: User, managing: Actor) -> None:
    assert Due.objects.filter(name__startswith="changes.review", done_at=None).count() == 2
    reviewed(fixed, managing)
    assert not Due.objects.filter(name__startswith="changes.review").exists()
    due.sweep(TWO_BUSINESS_DAYS_LATER + timedelta(days=9))
    assert len(told(manager)) == 1


def test_of_any_other_change_its_owners_and_managers_hear(
    approved: Change, asker: Actor, owner: User, manager: User
) -> None:
    ran(approved, asker, status="failed", clean=False)
    assert (len(told(owner)), len(told(manager))) == (0, 1)  # no team has the service yet
    team = Team.objects.create(slug="shop", name="Shop")
    owner.teams.add(team)
    Service.objects.filter(pk=approved.service_id).update(team=team)
    due.sweep(T0 + timedelta(days=9))
    assert (len(told(owner)), len(told(manager))) == (2, 3)
