"""Improvements: accepted with an owner and a measure, measured before and after by one query, dropped with a reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from catalog.improvement import operations, queries
from catalog.models import CI, CIClass, Finding, Improvement
from incidents.incident import operations as incidents
from incidents.models import Postmortem
from incidents.problem import operations as problems
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotFound, NotPermitted
from itsm.work.linking import linked_to
from tests.factories.knowledge import somebody
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def _idea(**said: Any) -> Improvement:
    wanted = {"title": "Fewer calls about printing", "benefit": 4, "effort": 2} | said
    return operations.propose_improvement(actor=somebody("agent"), **wanted)


def _edited(one: Improvement, actor: Actor, **said: Any) -> Improvement:
    now = Improvement.objects.get(pk=one.pk)
    return operations.edit_improvement(now, actor=actor, version=now.version, **said)


def _owner() -> Any:
    return User.objects.get_or_create(username="engineer", defaults={"roles": ["engineer"]})[0]


def _report(service: Any, at: datetime) -> None:
    incidents.open_incident(actor=somebody("agent"), title="Cannot print", service=service, at=at)


def test_an_idea_is_accepted_with_an_owner_and_a_measure_by_who_answers_for_services() -> None:
    one = _idea()
    with pytest.raises(NotPermitted):
        operations.accept(one, actor=somebody("agent"))
    with pytest.raises(MissingInformation) as refused:
        operations.accept(one, actor=somebody("manager"))
    assert len(refused.value.extra["missing"]) == 2
    _edited(one, somebody("agent"), owner=_owner(), measure="incidents_28_days")
    assert operations.accept(one, actor=somebody("manager")).status == "accepted"


def test_before_and_after_are_one_query_of_one_service_and_no_sooner_than_in_14_days() -> None:
    service, other, now = a_service(), a_service(), timezone.now()
    for days in (1, 2, 3):
        _report(service, now - timedelta(days=days))
    _report(other, now - timedelta(days=1))
    one = _idea(owner=_owner(), measure="incidents_28_days", service=service)
    operations.accept(one, actor=somebody("manager"))
    assert operations.start(one, actor=somebody("engineer"), at=now).before == 3
    operations.finish(one, actor=somebody("engineer"), at=now)
    with pytest.raises(Conflict):
        operations.conclude(one, actor=somebody("engineer"), at=now + timedelta(days=13, hours=23))
    _report(service, now + timedelta(days=20))
    done = operations.conclude(one, actor=somebody("engineer"), at=now + timedelta(days=30))
    assert (done.status, done.before, done.after) == ("done", 3, 1)


def test_it_is_measured_again_by_itself_once() -> None:
    now = timezone.now()
    one = _idea(owner=_owner(), measure="articles_overdue")
    for step in (operations.accept, operations.start, operations.finish):
        step(one, actor=somebody("manager"), **({} if step is operations.accept else {"at": now}))
    due.sweep(now + timedelta(days=13))
    assert Improvement.objects.get(pk=one.pk).status == "measuring"
    for _time in range(2):
        due.sweep(now + timedelta(days=15))
    done = Improvement.objects.get(pk=one.pk)
    assert (done.status, done.after, done.version) == ("done", 0, 5)


def test_what_was_measured_before_keeps_its_measure_and_the_database_keeps_the_14_days() -> None:
    now = timezone.now()
    one = _idea(owner=_owner(), measure="findings_open")
    operations.accept(one, actor=somebody("manager"))
    operations.start(one, actor=somebody("manager"), at=now)
    with pytest.raises(InvalidInput):
        _edited(one, somebody("manager"), measure="incidents_28_days")
    operations.finish(one, actor=somebody("manager"), at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        Improvement.objects.filter(pk=one.pk).update(status="done", after=0, measured_at=now + timedelta(days=13))


def test_what_is_dropped_says_why_and_is_over() -> None:
    one = _idea()
    with pytest.raises(MissingInformation):
        operations.drop(one, actor=somebody("manager"), because=" ")
    dropped = operations.drop(one, actor=somebody("manager"), because="The printers go")
    assert (dropped.status, dropped.because) == ("dropped", "The printers go")
    with pytest.raises(Exception, match="over"):
        _edited(one, somebody("manager"), title="Again")


@pytest.mark.parametrize("wrong", [{"benefit": 0}, {"effort": 6}, {"measure": "made_up"}, {"title": "\u200b"}])
def test_odd_ideas_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        _idea(**wrong)


def test_requesters_see_none_and_links_lead_only_to_what_is_seen() -> None:
    one = _idea()
    with pytest.raises(NotFound):
        queries.by_reference(somebody("requester"), one.reference)
    incident = incidents.open_incident(actor=somebody("agent"), title="Cannot print")
    operations.link(one, actor=somebody("agent"), to=incident.reference)
    operations.link(one, actor=somebody("agent"), to=incident.reference)
    assert [link.record.reference for link in linked_to(one, somebody("agent"))] == [incident.reference]
    with pytest.raises(InvalidInput):
        operations.link(one, actor=somebody("agent"), to="INC-99999")


def test_its_page_offers_problems_postmortems_and_findings_of_its_service_first_and_links_what_is_picked(
    web: Any,
) -> None:
    agent, service = somebody("agent"), a_service()
    other, ours = (
        problems.open_problem(actor=agent, statement=said, service=of)
        for said, of in (("Cards hang", None), ("Pool runs dry", service))
    )
    begun = datetime(2026, 3, 2, tzinfo=UTC)
    item = CI.objects.create(ci_class=CIClass.objects.get(slug="server"), name="db-1")
    finding = Finding.objects.create(ci=item, finding_kind="fresh", first_seen=begun)
    incident = incidents.open_incident(actor=agent, title="502", service=service)
    written = Postmortem.objects.create(incident=incident, title="What 502 taught", published=1, opened_at=begun)
    one = _idea(service=service)
    offered = queries.offered_sources(agent, service)
    assert [[reference for reference, _title in found] for _label, found in offered] == [
        [finding.reference], [ours.reference, other.reference], [written.reference],
    ]  # fmt: skip
    browser, path = web(User.objects.get(pk=agent.id)), f"{one.get_absolute_url()}links/"
    assert f"{finding.reference} db-1: not fresh" in browser.get(one.get_absolute_url()).content.decode()
    for said in ({"pick": finding.reference}, {"to": ours.reference}):
        assert browser.post(path, said).status_code == 302
    assert {link.record for link in linked_to(one, agent)} == {finding, ours}
    left = queries.offered_sources(agent, service, {finding.reference, ours.reference})
    assert [len(found) for _label, found in left] == [1, 1]
    nothing = browser.post(path, {})
    assert (nothing.status_code, "Choose a record" in nothing.content.decode()) == (422, True)


def test_one_begins_from_a_record_or_from_toil_and_is_about_it_on_both_doors(web: Any, api: Any) -> None:
    agent, service = somebody("agent"), a_service(slug="checkout", name="Checkout")
    problem = problems.open_problem(actor=agent, statement="Pool runs dry", service=service)
    browser = web(User.objects.get(pk=agent.id))
    page = browser.get(f"/improvements/new/?from={problem.reference}").content.decode()
    assert all(said in page for said in ('value="Pool runs dry"', f'value="{problem.reference}"'))
    assert (
        "Fewer minutes of toil: Checkout"
        in browser.get("/improvements/new/?measure=toil_4_weeks&service=checkout").content.decode()
    )
    assert browser.get("/improvements/new/?from=PRB-99999").status_code in (400, 422)
    sent = {"title": "A bigger pool", "benefit": 4, "effort": 1, "about": problem.reference}
    browser.post("/improvements/new/", sent)
    client = api(User.objects.get(pk=agent.id))
    body = {"title": "Two pools", "benefit": 4, "effort": 3, "about": [problem.reference]}
    made = client.post("/api/v1/improvements/", body, format="json")
    assert (made.status_code, [one["reference"] for one in made.json()["links"]]) == (201, [problem.reference])
    assert {one.record.title for one in linked_to(problem, agent)} == {"A bigger pool", "Two pools"}
    unseen = client.post("/api/v1/improvements/", {**body, "about": ["PRB-99999"]}, format="json")
    assert (unseen.status_code, Improvement.objects.count()) == (400, 2)


def test_the_portfolio_holds_each_open_one_in_its_cell() -> None:
    one, over = _idea(benefit=5, effort=1), _idea(benefit=5, effort=1)
    operations.drop(over, actor=SYSTEM, because="No")
    cells = {(benefit, effort): found for benefit, row in queries.portfolio(somebody("agent")) for effort, found in row}
    assert len(cells) == 25
    assert cells[5, 1] == [one]
    assert sum(map(len, cells.values())) == 1
