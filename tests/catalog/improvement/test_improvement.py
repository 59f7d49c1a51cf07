"""Improvements: accepted with an owner and a measure, measured before and after by one query, dropped with a reason."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from catalog.improvement import operations, queries
from catalog.models import Improvement
from incidents.incident import operations as incidents
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


def test_the_portfolio_holds_each_open_one_in_its_cell() -> None:
    one, over = _idea(benefit=5, effort=1), _idea(benefit=5, effort=1)
    operations.drop(over, actor=SYSTEM, because="No")
    cells = {(benefit, effort): found for benefit, row in queries.portfolio(somebody("agent")) for effort, found in row}
    assert len(cells) == 25
    assert cells[5, 1] == [one]
    assert sum(map(len, cells.values())) == 1
