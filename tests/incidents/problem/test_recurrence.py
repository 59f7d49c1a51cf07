"""What recurs is proposed once, says why, rests where it was dismissed, and is taken up again where it was fixed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Category, Incident, Problem, ProblemBurn
from incidents.problem import operations, rules
from incidents.problem.queries import incident_ids, proposed_for
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor, Door
from itsm.notifications.models import Notification
from tests.factories.majors import led
from tests.factories.slo import a_service
from tests.itsm.rivals import rivals

SYSTEM = Actor.system("tests", Door.COMMAND)
DAY = timedelta(days=1)
DIFFERENT = ("Printer on fire", "Basket is empty", "Cannot sign in")


def opened(service: Any, *titles: str, **said: Any) -> list[Incident]:
    return [incidents.open_incident(actor=SYSTEM, title=one, service=service, **said) for one in titles]


@pytest.mark.django_db
def test_three_alike_titles_of_a_service_propose_one_problem_that_says_why(person: Any) -> None:
    service = a_service(name="Checkout")
    made = opened(service, "Checkout returns 502", "checkout returns 502!", "Checkout returns a 502")
    opened(a_service(), "Checkout returns 502")
    now = timezone.now()
    assert (operations.find_recurrence(now), operations.find_recurrence(now)) == (1, 0)
    problem = Problem.objects.get()
    assert (problem.status, problem.service, problem.proposed_by_rule) == ("proposed", service, "alike")
    assert set(incident_ids(problem)) == {one.pk for one in made}
    assert all(one.reference in problem.why for one in made)


@pytest.mark.django_db
def test_a_proposal_is_counted_for_who_may_take_it_up(person: Any, as_actor: Any) -> None:
    team, other = (Team.objects.create(name=name, slug=name.lower()) for name in ("Payments", "Storefront"))
    Problem.objects.create(statement="Recurring", status="proposed", opened_at=timezone.now(), team=team)
    inside, outside, auditor = (
        as_actor(person(role, queue, username=name))
        for name, role, queue in (("ina", "engineer", team), ("otto", "engineer", other), ("aud", "auditor", team))
    )
    assert [len(proposed_for(one).rows()) for one in (inside, outside, auditor)] == [1, 0, 0]


@pytest.mark.django_db
def test_of_a_queue_without_members_those_hear_who_may_work_there(agent: Any, auditor: Any) -> None:
    opened(a_service(), *["Checkout returns 502"] * 3)
    assert operations.find_recurrence(timezone.now()) == 1
    told = Notification.objects.filter(subject__contains="is proposed")
    assert set(told.values_list("to__username", flat=True)) == {agent.username}


@pytest.mark.django_db
def test_two_are_not_enough_and_those_before_14_days_do_not_count() -> None:
    service, now = a_service(), timezone.now()
    opened(service, *["Checkout returns 502"] * 2)
    opened(service, "Checkout returns 502", at=now - 14 * DAY)
    assert operations.find_recurrence(now) == 0


@pytest.mark.django_db
def test_the_third_just_now_proposes_at_once_where_it_was_and_nowhere_else() -> None:
    service, other, now = a_service(), a_service(), timezone.now()
    opened(service, *["Checkout returns 502"] * 2, at=now - DAY)
    opened(other, *["Basket is empty"] * 3, at=now - DAY)
    assert operations.find_fresh_recurrence(now) == 0, "nothing is fresh"
    opened(service, "Checkout returns 502")
    assert operations.find_fresh_recurrence(timezone.now()) == 1
    assert [one.service for one in Problem.objects.all()] == [service]


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["category", "alert"])
def test_the_same_category_or_alert_rule_is_alike(by: str) -> None:
    service = a_service()
    made = opened(service, *DIFFERENT)
    if by == "category":
        Incident.objects.update(category=Category.objects.create(name="Network", path="Network"))
    else:
        for one in made:
            Incident.objects.filter(pk=one.pk).update(source_key=f"burn:7:{one.pk}")
    assert operations.find_recurrence(timezone.now()) == 1
    assert Problem.objects.get().signature.startswith(f"alike:{service.pk}:{by}:")


@pytest.mark.django_db
def test_two_grave_ones_in_30_days_are_enough() -> None:
    service, now = a_service(), timezone.now()
    opened(service, DIFFERENT[0], priority=1, at=now - 29 * DAY)
    (major,) = opened(service, DIFFERENT[1])
    led(major)
    opened(a_service(), DIFFERENT[2], priority=1)
    assert operations.find_recurrence(timezone.now()) == 1
    assert Problem.objects.get().proposed_by_rule == "grave"


@pytest.mark.django_db
@pytest.mark.parametrize(("share", "proposed"), [("1/10", 1), ("99/1000", 0)])
def test_outages_that_nobody_owns_propose_from_a_tenth_of_a_budget(share: str, proposed: int) -> None:
    service = a_service(name="Checkout")
    (near,) = opened(service, "Slow")
    part = {
        "outage": 1, "started_at": timezone.now().isoformat(), "ended_at": timezone.now().isoformat(),
        "reference": near.reference, "title": "Slow", "share": share, "minutes": "4.0",
    }  # fmt: skip
    ProblemBurn.objects.create(
        service_id=service.pk, service_name="Checkout", objective="answers", share=share, minutes=4, counts=True,
        parts=[part], digest="x",
    )  # fmt: skip
    assert operations.find_recurrence(timezone.now()) == proposed
    assert [list(incident_ids(one)) for one in Problem.objects.all()] == [[near.pk]] * proposed


@pytest.mark.django_db
def test_what_is_linked_to_a_standing_problem_is_not_proposed(agent: Any, as_actor: Any) -> None:
    made = opened(a_service(), *["Checkout returns 502"] * 3)
    operations.open_problem(actor=as_actor(agent), statement="Pool", raised_from=[made[0].reference])
    assert operations.find_recurrence(timezone.now()) == 0


@pytest.mark.django_db
def test_a_dismissed_one_rests_for_28_days_unless_it_doubles(agent: Any, as_actor: Any) -> None:
    service, now = a_service(), timezone.now()
    opened(service, *["Checkout returns 502"] * 3)
    operations.find_recurrence(timezone.now())
    operations.dismiss(Problem.objects.get(), actor=as_actor(agent), reason="A drill", at=timezone.now())
    opened(service, *["Checkout returns 502"] * 2)
    assert operations.find_recurrence(timezone.now()) == 0, "five are not twice three"
    opened(service, "Checkout returns 502")
    assert operations.find_recurrence(timezone.now()) == 1
    Problem.objects.filter(status="proposed").delete()
    Problem.objects.update(proposed_count=9, dismissed_at=now - 28 * DAY)
    assert operations.find_recurrence(timezone.now()) == 1, "it has rested"


@pytest.mark.django_db
def test_what_was_fixed_is_analysed_again_when_it_recurs(agent: Any, as_actor: Any) -> None:
    service, now = a_service(), timezone.now()
    old = opened(service, *["Checkout returns 502"] * 3, at=now - 40 * DAY)
    problem = operations.open_problem(
        actor=as_actor(agent), statement="Pool", owner=agent, raised_from=[one.reference for one in old]
    )
    Problem.objects.filter(pk=problem.pk).update(status="analysing")
    Problem.objects.filter(pk=problem.pk).update(status="fixing")
    Problem.objects.filter(pk=problem.pk).update(status="resolved", resolved_at=now - 20 * DAY)
    Problem.objects.filter(pk=problem.pk).update(status="closed", close_code="fix_applied", closed_at=now - 6 * DAY)
    opened(service, *["Checkout returns 502"] * 2)
    assert operations.find_recurrence(timezone.now()) == 0
    opened(service, "Checkout returns 502 again")
    assert operations.find_recurrence(timezone.now()) == 1
    problem.refresh_from_db()
    assert (problem.status, problem.close_code, Problem.objects.count()) == ("analysing", "", 1)
    assert len(incident_ids(problem)) == 6
    assert Notification.objects.filter(to=agent, subject__contains="came back").exists()


@pytest.mark.django_db
def test_what_lies_in_a_confidential_queue_says_nothing() -> None:
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    opened(a_service(), *["Salary is wrong"] * 3)
    Incident.objects.update(team=hidden)
    assert operations.find_recurrence(timezone.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_three_at_once_propose_once() -> None:
    opened(a_service(), *["Checkout returns 502"] * 3)
    now = timezone.now()
    with rivals() as begin:
        others = [begin(lambda: operations.find_recurrence(now)) for _ in range(2)]
        mine = operations.find_recurrence(now)
        assert mine + sum(one.result() for one in others) == 1
    assert Problem.objects.count() == 1


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        ("Checkout returns 502", "checkout RETURNS 502", True),
        ("Checkout returns 502", "Checkout returns 503 now", True),
        ("", "", False),
        ("abcd", "abcd efgh", False),
    ],
)
def test_titles_are_compared_as_pg_trgm_does(one: str, other: str, similar: bool, db: None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT similarity(%s, %s)", [one, other])
        theirs = cursor.fetchone()[0]
    assert rules.are_similar(one, other) == similar == (theirs >= 0.6)
