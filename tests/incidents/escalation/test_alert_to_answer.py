"""An alert at night: it opens an incident, that pages somebody, and they answer from their phone."""

import re
from datetime import time, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from incidents.escalation import operations
from incidents.escalation.models import EscalationRoute
from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from incidents.incident.workflow import Status
from incidents.major.models import Major
from itsm import lifecycle
from itsm.accounts.models import Membership, Team
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotFound
from itsm.paging import operations as paging
from itsm.paging.models import Escalation, EscalationPolicy, Page, PageAttempt
from itsm.paging.operations import links, policies
from itsm.paging.workflow import Status as Escalated
from tests.factories.slo import a_service
from tests.itsm.paging.company import a_policy, lane_works

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=1)


@pytest.fixture
def policy(payments: Team, engineer, agent) -> EscalationPolicy:
    for person in (engineer, agent):
        person.email = f"{person.username}@example.com"
        person.save()
        Membership.objects.get_or_create(team=payments, user=person)
    made = a_policy(payments, [engineer], [agent])
    EscalationRoute.objects.create(position=1, policy=made)
    return made


def burning(system, payments: Team, key: str = "alert-1", priority: int = 1) -> Incident:
    service = a_service(team=payments)
    return incidents.open_from_alert(
        actor=system, service=service, title="Checkout burns", description="", priority=priority, source_key=key
    )


def test_an_alert_pages_who_answers_from_a_phone(
    system, payments, policy, engineer, client, django_capture_on_commit_callbacks
):
    incident = burning(system, payments)
    escalation = Escalation.objects.get(subject_kind="incident", subject_id=incident.pk)
    assert escalation.status == Escalated.PAGING
    assert not Page.objects.exists()  # nothing leaves in the transaction of the alert
    lane_works(timezone.now() + SOON)
    page = Page.objects.get()
    assert page.person == engineer
    attempt = PageAttempt.objects.get(channel="mail")
    assert attempt.outcome.ok
    letter = next(one for one in mail.outbox if one.to == [engineer.email] and "Page" in one.subject)
    path = re.search(r"/answer/[\w:-]+/", letter.body).group()
    assert links.page_of(path.split("/")[2]) == page
    shown = client.get(path)
    assert shown.status_code == 200
    page.refresh_from_db()
    assert page.is_open  # looking changes nothing
    assert client.post(path).status_code in {200, 302}
    page.refresh_from_db()
    escalation.refresh_from_db()
    incident.refresh_from_db()
    assert (page.state, page.how) == ("acknowledged", "link")
    assert (escalation.status, escalation.held_by) == (Escalated.HELD, engineer)
    assert (incident.status, incident.assigned_to) == (Status.IN_PROGRESS, engineer)
    sent = len(mail.outbox)
    lane_works(timezone.now() + timedelta(minutes=20))
    assert len(mail.outbox) == sent  # nobody else is called


def test_who_starts_work_is_paged_no_more(system, payments, policy, engineer, agent, as_actor):
    incident = burning(system, payments)
    lane_works(timezone.now() + SOON)
    incidents.acknowledge(incident, actor=as_actor(agent))
    escalation = Escalation.objects.get()
    assert (escalation.status, escalation.held_by, escalation.held_how) == (Escalated.HELD, agent, "subject")
    assert not Page.objects.filter(state="open").exists()


def test_who_resolves_stops_it(system, payments, policy, agent, as_actor):
    incident = burning(system, payments)
    incidents.resolve(incident, actor=system, resolution="It went by itself.", resolution_code="solved")
    lane_works(timezone.now() + SOON)
    assert Escalation.objects.get().status == Escalated.STOPPED
    assert not Page.objects.exists()


def test_a_low_one_that_rises_pages_anew(system, payments, policy, manager, as_actor):
    incident = burning(system, payments, priority=4)
    assert Escalation.objects.get().urgency == "low"
    Incident.objects.filter(pk=incident.pk).update(priority=1)
    incident.refresh_from_db()
    operations.follow(incident, timezone.now())
    now = {one.urgency: one.status for one in Escalation.objects.all()}
    assert now == {"low": Escalated.STOPPED, "high": Escalated.PAGING}


def test_a_member_that_joins_a_held_one_pages_its_holder_once(system, payments, policy, engineer, as_actor):
    incident = burning(system, payments)
    lane_works(timezone.now() + SOON)
    paging.acknowledge(Escalation.objects.get(), actor=as_actor(engineer), at=timezone.now())
    now = timezone.now()
    for second in range(5):
        operations.joined(incident, {"pod": str(second)}, now + timedelta(seconds=20 * second))
    lane_works(now + timedelta(seconds=119))
    assert not Page.objects.filter(escalation=None).exists()
    lane_works(now + timedelta(seconds=121))
    assert [one.person for one in Page.objects.filter(escalation=None)] == [engineer]


def test_what_was_paged_goes_with_the_incident_into_a_hidden_queue(
    system, payments, policy, engineer, agent, manager, as_actor
):
    """Triage found out what it is: whoever read the title among escalations and pages reads it no more."""
    incident = burning(system, payments)
    lane_works(timezone.now() + SOON)
    hidden = Team.objects.create(slug="security", name="Security", takes_work=True, confidential=True)
    Membership.objects.create(team=hidden, user=manager)
    reader = as_actor(agent)
    assert Escalation.objects.visible_to(reader).exists()
    assert Page.objects.visible_to(reader).exists()
    Incident.objects.filter(pk=incident.pk).update(assigned_to=None)
    current = Incident.objects.get(pk=incident.pk)
    with lifecycle.edit(current, actor=system, version=None, version_required=False) as moved:
        moved.team = hidden
    assert not Incident.objects.visible_to(as_actor(agent)).filter(pk=incident.pk).exists()
    assert not Escalation.objects.visible_to(as_actor(agent)).exists()
    assert not Page.objects.visible_to(as_actor(agent)).exists()
    assert Escalation.objects.visible_to(as_actor(engineer)).exists()  # who was called knows of it


def test_a_program_that_takes_up_an_incident_lets_nobody_sleep(system, payments, policy, person, as_actor):
    incident = burning(system, payments)
    robot = as_actor(person("agent", username="robot", account_type="service"))
    incidents.acknowledge(incident, actor=robot)
    lane_works(timezone.now() + SOON)
    assert Escalation.objects.get().status == Escalated.PAGING
    assert Page.objects.filter(state="open").exists()


def test_a_member_that_joins_what_somebody_held_who_left_pages_others(system, payments, policy, engineer, as_actor):
    incident = burning(system, payments)
    lane_works(timezone.now() + SOON)
    paging.acknowledge(Escalation.objects.get(), actor=as_actor(engineer), at=timezone.now())
    engineer.is_active = False
    engineer.save()
    now = timezone.now()
    operations.joined(incident, ["Down"], now)
    lane_works(now + timedelta(seconds=121))
    escalation = Escalation.objects.get()
    assert escalation.status == Escalated.PAGING
    assert escalation.pages.filter(person__username="agent", state="open").exists()


def test_that_its_caller_asks_again_is_no_progress(system, payments, policy, engineer, requester, as_actor):
    incident = burning(system, payments)
    lane_works(timezone.now() + SOON)
    paging.acknowledge(Escalation.objects.get(), actor=as_actor(engineer), at=timezone.now())
    Incident.objects.filter(pk=incident.pk).update(caller=requester)
    before = operations.progressed_at(incident.pk)
    Incident.objects.filter(pk=incident.pk).update(caller_spoke_at=timezone.now())
    lifecycle.announce(Incident.objects.get(pk=incident.pk), "commented", actor=as_actor(requester), remark="Well?")
    assert operations.progressed_at(incident.pk) == before
    lifecycle.announce(Incident.objects.get(pk=incident.pk), "noted", actor=as_actor(engineer), remark="Restarting.")
    assert operations.progressed_at(incident.pk) > before


def test_no_route_leads_to_what_was_retired_meanwhile(payments, policy, agent, manager, as_actor):
    """Its incidents would page nobody, or whom the next route says."""
    other = a_policy(payments, [agent], name="others")
    EscalationPolicy.objects.filter(pk=other.pk).update(retired_at=timezone.now())
    with pytest.raises(NotFound):
        operations.add_route(actor=as_actor(manager), policy=other, zone="UTC")
    assert EscalationRoute.objects.count() == 1


@pytest.mark.parametrize("priority", [2, 4])
def test_what_nobody_answers_may_be_a_major_incident_where_it_presses(system, payments, policy, admin, priority):
    incident = burning(system, payments, priority=priority)
    EscalationPolicy.objects.update(repeats=0)
    Escalation.objects.update(snapshot={**Escalation.objects.get().snapshot, "repeats": 0})
    now = timezone.now()
    for minute in range(0, 15):
        lane_works(now + timedelta(minutes=minute))
    assert Escalation.objects.get().status == Escalated.EXHAUSTED
    due.sweep(now + timedelta(minutes=15))
    found = Major.objects.filter(incident=incident, status="proposed", because__contains=[{"rule": "unanswered"}])
    assert found.exists() == (priority == 2)


@pytest.mark.parametrize(("priority", "resort", "called"), [(1, True, 2), (1, False, 2), (4, True, 2), (4, False, 0)])
def test_what_no_route_takes_calls_the_last_resort(
    system, payments, manager, admin, engineer, agent, priority, resort, called
):
    """Else who answers for the whole; what does not press only where somebody said whom it reaches."""
    if resort:
        a_policy(payments, [engineer, agent], name="resort", is_last_resort=True)
    incident = burning(system, payments, priority=priority)
    lane_works(timezone.now() + SOON)
    people = {one.person for one in Page.objects.all()}
    assert people == ({engineer, agent} if resort else {manager, admin} if called else set())
    operations.follow(incident, timezone.now())
    lane_works(timezone.now() + SOON)
    assert Page.objects.count() == called
    assert Escalation.objects.exists() == (resort and priority == 1), "what presses goes on until somebody answers"


def test_no_manager_lets_alerts_page_nobody(payments, policy, agent, manager, as_actor):
    """Taking away or narrowing what took everything is refused, unless a last resort is there instead."""
    managing, everything = as_actor(manager), EscalationRoute.objects.get()
    checkout = a_service(team=payments, tier=1)
    with pytest.raises(Conflict, match="No route would say whom"):
        operations.remove_route(everything, actor=managing, version=everything.version)
    for narrower in ({"urgency": "high"}, {"days": [0, 1, 2, 3, 4]}, {"service": checkout}):
        with pytest.raises(Conflict, match="No route would say whom"):
            operations.edit_route(everything, actor=managing, version=everything.version, **narrower)
    assert EscalationRoute.objects.filter(urgency="", days=[], service=None).count() == 1
    by_day = operations.add_route(
        actor=managing, policy=policy, service=checkout, between_from=time(8), between_to=time(18), zone="Europe/Berlin"
    )
    operations.remove_route(by_day, actor=managing, version=by_day.version)  # the other one takes it as well
    resort = a_policy(payments, [agent, manager], name="resort", is_last_resort=True)
    operations.remove_route(fresh(everything), actor=managing, version=fresh(everything).version)
    with pytest.raises(Conflict, match="what no route takes"):
        policies.retire(resort, actor=Actor.system("test"), at=timezone.now(), version=resort.version)


def fresh(route: EscalationRoute) -> EscalationRoute:
    return EscalationRoute.objects.get(pk=route.pk)
