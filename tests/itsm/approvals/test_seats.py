"""Whoever leaves leaves no plan waiting for them for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone

from itsm.accounts import duties
from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalPlan, Delegation
from itsm.approvals.plans import Part, Step, answer_plan, begin
from itsm.notifications.models import Notification

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HASH = "a" * 64


@pytest.fixture
def people(person):
    made = {name: person("requester", username=name) for name in ("rita", "mona", "max", "sam", "sue")}
    User.objects.filter(username="mona").update(manager=made["max"])
    return {name: User.objects.get(pk=one.pk) for name, one in made.items()}


@pytest.fixture
def plan(payments, people):
    def part(name, *names, quorum=1):
        return Part(name, frozenset(people[one].pk for one in names), quorum, name)

    steps = [Step((part("one", "mona"), part("two", "sam", "sue", quorum=2))), Step((part("three", "mona"),))]
    return begin(payments, steps, content_hash=HASH, excluded=[people["rita"].pk], at=NOW, due_at=None, subject="x")


def seats(plan):
    plan.refresh_from_db()
    named = [(part["name"], part["people"]) for step in plan.steps for part in step["parts"]]
    asked = {ask.part: ask.people for ask in plan.asks.filter(status="open")}
    assert {name: people for name, people in named if name in asked} == asked
    return dict(named)


@pytest.mark.parametrize(("successor", "takes"), [("sue", "sue"), (None, "max"), ("rita", "max")])
def test_their_seats_pass_to_the_successor_or_the_manager_and_never_to_who_asked(
    plan, people, admin, as_actor, successor, takes
):
    (duty,) = [one for one in duties.duties_of(people["mona"]) if one.what == "approval that names them"]
    assert duty.passes
    Notification.objects.all().delete()
    accounts.deactivate(people["mona"], actor=as_actor(admin), successor=people[successor] if successor else None)
    assert seats(plan) == {
        "one": [people[takes].pk],
        "two": sorted([people["sam"].pk, people["sue"].pk]),
        "three": [people[takes].pk],
    }
    told = Notification.objects.get(subject__contains="waits for you")
    assert told.to == people[takes]


@pytest.mark.parametrize(
    ("scope", "ended", "takes"),
    [("", False, "sue"), ("team", False, "sue"), ("change", False, "max"), ("", True, "max")],
)
def test_before_the_manager_comes_whom_they_named_themselves(plan, people, admin, as_actor, scope, ended, takes):
    Delegation.objects.create(
        person=people["mona"], delegate=people["sue"], starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=1),
        record_kind=scope, scope=scope, made_at=NOW, ended_at=NOW if ended else None,
        ended_by=people["mona"] if ended else None,
    )  # fmt: skip
    accounts.deactivate(people["mona"], actor=as_actor(admin))
    assert seats(plan)["one"] == seats(plan)["three"] == [people[takes].pk]
    assert not Delegation.objects.filter(ended_at=None).exists()


def test_without_anybody_to_take_it_administrators_hear_and_nothing_is_decided(plan, people, admin, as_actor):
    accounts.deactivate(people["sam"], actor=as_actor(admin))
    assert seats(plan)["two"] == sorted([people["sam"].pk, people["sue"].pk])  # two are needed, and stay named
    assert Notification.objects.filter(to=admin, subject__contains="nobody is left").exists()
    assert ApprovalPlan.objects.get().status == "open"


def test_what_they_have_answered_stays(plan, people, payments, admin, as_actor):
    answer_plan(payments, actor=as_actor(people["sam"]), decision="approve", comment="", content_hash=HASH, at=NOW)
    accounts.deactivate(people["sam"], actor=as_actor(admin), successor=people["max"])
    assert seats(plan)["two"] == sorted([people["sam"].pk, people["sue"].pk])


def test_who_asked_names_nobody_to_decide_by_letting_the_other_go(plan, people, as_actor):
    User.objects.filter(username="rita").update(roles=["admin"])
    rita = as_actor(User.objects.get(username="rita"))
    accounts.deactivate(people["mona"], actor=rita, successor=people["sue"])
    assert seats(plan)["one"] == [people["mona"].pk]  # it waits, and administrators are told
