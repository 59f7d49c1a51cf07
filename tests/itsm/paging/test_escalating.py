"""Escalations step by step: nobody is skipped in silence, each step comes once, and who acknowledges ends it."""

from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from itsm.accounts.models import Membership, Team
from itsm.clocks import late
from itsm.clocks.models import Due
from itsm.kernel.errors import MissingInformation, NotPermitted, WrongState
from itsm.paging import operations, rules
from itsm.paging.models import Escalation, EscalationTaken, Page, PageAttempt, PersonalRule
from itsm.paging.operations import escalating
from itsm.paging.workflow import Status
from tests.itsm.paging.company import a_policy, lane_works

pytestmark = pytest.mark.django_db


def begun(
    policy, team: Team, at: datetime, subject: int = 1, urgency: str = "high", actor=escalating._SYSTEM
) -> Escalation:
    return operations.begin(
        "thing", subject, policy=policy, urgency=urgency, title="Checkout burns", path="/incidents/INC-00001/",
        team_id=team.pk, at=at, actor=actor,
    )  # fmt: skip


def course(escalation: Escalation) -> list[tuple[int, int, str, int]]:
    rows = EscalationTaken.objects.filter(escalation=escalation).order_by("id")
    begin = escalation.begun_at
    return [(one.round, one.step, one.cause, round((one.at - begin).total_seconds())) for one in rows]


def test_a_day_without_an_answer_ends_with_the_last_resort_again_and_again(payments, engineer, agent, admin):
    now = timezone.now()
    policy = a_policy(payments, [engineer], ({"wait_s": 600}, [agent]), repeats=1)
    escalation = begun(policy, payments, now)
    at = now
    while at < now + timedelta(hours=24):  # the lane is looked at each second; here when something is due
        lane_works(at)
        escalation.refresh_from_db()
        at = escalation.next_at + timedelta(seconds=1)
    steps = course(escalation)
    assert [one[:3] for one in steps[:5]] == [
        (1, 1, "begun"), (1, 2, "time_out"), (2, 1, "time_out"), (2, 2, "time_out"), (3, 0, "hierarchical"),
    ]  # fmt: skip
    wanted = [0, 300, 900, 1200, 1800, *range(2700, 86400, 900)]
    assert [one[3] for one in steps] == pytest.approx(wanted, abs=5)
    assert escalation.status == Status.EXHAUSTED
    assert set(Page.objects.filter(step=0).values_list("person", flat=True)) == {admin.pk}


def test_a_step_that_meets_nobody_or_is_outside_its_hours_is_skipped_at_once(payments, engineer, agent):
    now = timezone.now()
    gone = agent
    gone.is_active = False
    gone.save()
    local = now.time().replace(microsecond=0)
    later = (datetime.combine(now.date(), local) + timedelta(hours=2)).time()
    last = (datetime.combine(now.date(), local) + timedelta(hours=3)).time()
    policy = a_policy(
        payments, [gone], ({"between_from": later, "between_to": last}, [engineer]), [engineer], zone="UTC"
    )
    escalation = begun(policy, payments, now)
    lane_works(now)
    skipped = list(EscalationTaken.objects.filter(escalation=escalation).values_list("step", "skipped"))
    assert skipped == [(1, "nobody there"), (2, "outside its hours"), (3, "")]
    assert Page.objects.get().person == engineer
    escalation.refresh_from_db()
    assert escalation.next_at == now + timedelta(seconds=300)


def test_a_policy_that_meets_nobody_at_all_calls_the_last_resort_at_once(payments, agent, admin, manager):
    now = timezone.now()
    agent.is_active = False
    agent.save()
    escalation = begun(a_policy(payments, [agent], repeats=9), payments, now)
    lane_works(now)
    escalation.refresh_from_db()
    assert escalation.status == Status.EXHAUSTED
    assert {one.person for one in Page.objects.filter(state="open")} == {admin, manager}
    assert EscalationTaken.objects.filter(escalation=escalation).count() == 11


def test_one_that_is_not_live_calls_the_last_resort(payments, engineer, admin):
    policy = a_policy(payments, [engineer])
    policy.live_at = None
    policy.save()
    now = timezone.now()
    begun(policy, payments, now)
    lane_works(now)
    assert [one.person for one in Page.objects.all()] == [admin]


def test_one_begins_once_and_anew_when_it_was_stopped(payments, engineer):
    policy, now = a_policy(payments, [engineer]), timezone.now()
    first = begun(policy, payments, now)
    assert begun(policy, payments, now) == first
    assert operations.stop("thing", 1, "over", now) == 1
    assert begun(policy, payments, now) != first


def test_the_database_keeps_a_second_step_of_one_place_out(payments, engineer):
    now = timezone.now()
    escalation = begun(a_policy(payments, [engineer]), payments, now)
    lane_works(now)
    with pytest.raises(IntegrityError), transaction.atomic():
        EscalationTaken.objects.create(escalation=escalation, round=1, step=1, cause="begun", at=now, due_at=now)


def test_sweeping_twice_takes_a_step_once(payments, engineer):
    now = timezone.now()
    escalation = begun(a_policy(payments, [engineer]), payments, now)
    for _ in range(3):
        escalating.step_when_due(escalation.pk, now)
    assert EscalationTaken.objects.count() == Page.objects.count() == 1


def test_who_acknowledges_ends_all_calls(payments, engineer, agent, as_actor):
    now = timezone.now()
    escalation = begun(a_policy(payments, [engineer], [agent]), payments, now)
    lane_works(now)
    lane_works(now + timedelta(minutes=5))
    page = Page.objects.get(person=agent)
    operations.acknowledge_page(page, actor=as_actor(agent), at=now + timedelta(minutes=6))
    assert {one.person: one.state for one in Page.objects.all()} == {engineer: "ended", agent: "acknowledged"}
    escalation.refresh_from_db()
    assert (escalation.status, escalation.held_by) == (Status.HELD, agent)
    with pytest.raises(WrongState):
        operations.acknowledge_page(Page.objects.get(person=engineer), actor=as_actor(engineer), at=now)
    tried = PageAttempt.objects.count()
    lane_works(now + timedelta(minutes=20))
    assert (PageAttempt.objects.count(), EscalationTaken.objects.count()) == (tried, 2)


def test_a_stranger_answers_for_nobody(payments, engineer, requester, as_actor):
    now = timezone.now()
    begun(a_policy(payments, [engineer]), payments, now)
    lane_works(now)
    with pytest.raises(NotPermitted):
        operations.acknowledge_page(Page.objects.get(), actor=as_actor(requester), at=now)


@pytest.mark.parametrize(("urgency", "minutes"), [("high", 30), ("low", 120)])
def test_what_is_held_and_left_lying_pages_again(payments, engineer, as_actor, urgency, minutes):
    now = timezone.now()
    escalation = begun(a_policy(payments, [engineer]), payments, now, urgency=urgency)
    lane_works(now)
    operations.acknowledge(escalation, actor=as_actor(engineer), at=now)
    lane_works(now + timedelta(minutes=minutes) - timedelta(seconds=1))
    escalation.refresh_from_db()
    assert escalation.status == Status.HELD
    lane_works(now + timedelta(minutes=minutes))
    escalation.refresh_from_db()
    assert escalation.status == Status.PAGING
    assert [one[:3] for one in course(escalation)] == [(1, 1, "begun"), (2, 1, "lapsed")]


def test_handing_over_pages_by_the_other_policy_and_wants_a_reason(payments, engineer, agent, as_actor):
    now = timezone.now()
    escalation = begun(a_policy(payments, [engineer]), payments, now)
    other = a_policy(payments, [agent], name="database")
    lane_works(now)
    actor = as_actor(engineer)
    with pytest.raises(MissingInformation):
        operations.hand_over(escalation, actor=actor, reason=" ", at=now)
    operations.hand_over(escalation, actor=actor, reason="It is the database.", at=now, policy=other.slug)
    lane_works(now)
    open_ones = Page.objects.filter(state="open")
    assert [one.person for one in open_ones] == [agent]
    assert course(escalation)[-1][:3] == (2, 1, "functional")


def test_deleted_promises_are_found_and_kept(payments, engineer):
    now = timezone.now()
    policy = a_policy(payments, [engineer])
    for subject in range(1, 101):
        begun(policy, payments, now, subject=subject)
    Due.objects.filter(name=escalating.STEP).delete()
    look = late.look(now + late.LATE + timedelta(seconds=1))
    assert (look.found["escalations"], look.left["escalations"]) == (100, 0)
    assert EscalationTaken.objects.count() == 100


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_clock_that_jumps_takes_each_step_once(payments, engineer, agent, jump):
    now = timezone.now()
    escalation = begun(a_policy(payments, [engineer], [agent], repeats=0), payments, now)
    lane_works(now)
    shown = now + timedelta(minutes=1) + jump
    lane_works(shown)
    lane_works(shown + timedelta(minutes=1))
    places = [one[:2] for one in course(escalation)]
    assert places == ([(1, 1), (1, 2)] if jump > timedelta(0) else [(1, 1)])
    lane_works(now + timedelta(hours=3))
    assert len(course(escalation)) == len({one[:2] for one in course(escalation)})


def test_a_night_step_is_kept_as_local_time(payments, engineer):
    step = a_policy(payments, ({"between_from": time(22), "between_to": time(6)}, [engineer])).steps.get()
    assert (step.between_from, step.between_to) == (time(22), time(6))
    assert rules.waits([{"wait": 60}, {"wait": 120}]) == timedelta(minutes=3)


def test_a_lapse_whose_promise_is_gone_is_found_by_the_watch(payments, engineer, agent, as_actor):
    now = timezone.now()
    escalation = begun(a_policy(payments, [engineer], [agent]), payments, now)
    lane_works(now)
    operations.acknowledge(escalation, actor=as_actor(engineer), at=now)
    Due.objects.all().delete()
    later = now + rules.LAPSES_AFTER["high"] + timedelta(minutes=2)
    assert escalating.count_late(later - timedelta(minutes=1)) == 1
    escalating.take_late(later)
    escalation.refresh_from_db()
    assert escalation.status == Status.PAGING


@pytest.mark.writes_behind("I15")  # takes every promise away
def test_one_that_cannot_be_taken_keeps_no_other_waiting(payments, engineer, agent):
    now = timezone.now()
    broken = begun(a_policy(payments, [engineer]), payments, now - timedelta(seconds=1), subject=1)
    fine = begun(a_policy(payments, [agent], name="others"), payments, now, subject=2)
    Escalation.objects.filter(pk=broken.pk).update(snapshot={"steps": [{"wait": "?"}]})
    Due.objects.all().delete()
    escalating.take_late(now + timedelta(minutes=2))
    assert list(Page.objects.values_list("escalation", "person")) == [(fine.pk, agent.pk)]


def test_rules_of_devices_that_are_gone_are_as_none(payments, engineer):
    """Else their page would reach nobody, and the next step would come after the whole of its wait."""
    engineer.email = "ada@example.com"
    engineer.save()
    PersonalRule.objects.create(person=engineer, urgency="high", position=1, channel="push")
    now = timezone.now()
    begun(a_policy(payments, [engineer]), payments, now)
    lane_works(now + timedelta(seconds=1))
    assert list(PageAttempt.objects.values_list("channel", flat=True)) == ["mail"]


def test_no_program_holds_what_pages_people(payments, engineer, person, as_actor):
    """Nobody is awake by its answer, though it may work in that queue."""
    now = timezone.now()
    escalation = begun(a_policy(payments, [engineer]), payments, now)
    lane_works(now)
    robot = person("agent", username="robot", account_type="service")
    Membership.objects.create(team=payments, user=robot)
    program = as_actor(robot)
    with pytest.raises(NotPermitted):
        operations.acknowledge(escalation, actor=program, at=now)
    with pytest.raises(NotPermitted):
        operations.hand_over(escalation, actor=program, at=now, reason="quiet")
    with pytest.raises(NotPermitted):
        operations.acknowledge_page(Page.objects.get(), actor=program, at=now)
