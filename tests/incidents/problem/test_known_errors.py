"""Known errors are found by what is seen, by who may read them, and applied in one click."""

from typing import Any

import pytest

from incidents.incident import operations as incidents
from incidents.models import Problem
from incidents.problem import operations
from incidents.problem.queries import fitting, known_errors
from itsm.accounts.models import Team
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.work.linking import linked_to
from itsm.work.models import Note
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db


def known(actor: Any, statement: str, symptom: str = "", **said: Any) -> Problem:
    problem = operations.open_problem(
        actor=actor, statement=statement, symptom=symptom, **({"workaround": "Restart the pool"} | said)
    )
    problem = operations.assess(problem, actor=actor)
    return operations.know(problem, actor=actor, cause_unknown=True)


def test_the_words_of_an_incident_find_what_fits_and_nothing_else(agent: Any, as_actor: Any) -> None:
    actor, service = as_actor(agent), a_service()
    pool = known(actor, "Connection pool exhausted", "Checkout answers with 502 after a retry", service=service)
    known(actor, "Printer queue stuck", "Nothing prints on floor three")
    operations.open_problem(actor=actor, statement="Checkout answers with 502 too", workaround="None yet")
    incident = incidents.open_incident(actor=actor, title="Checkout answers 502", service=service)
    (offer,) = fitting(incident, actor)
    assert (offer.problem, set(offer.words)) == (pool, {"checkout", "answers", "502"})
    assert [one.problem.statement for one in fitting(incident, actor, "prints")] == ["Printer queue stuck"]
    assert fitting(incidents.open_incident(actor=actor, title="Salary"), actor) == []
    assert known_errors(actor, "'; & | ! ( :*") == []


def test_one_that_may_not_be_read_is_not_offered(agent: Any, engineer: Any, person: Any, as_actor: Any) -> None:
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    insider = as_actor(person("agent", hidden, username="insider"))
    known(insider, "Payroll exports fail", "Payroll exports fail at night", team=hidden)
    assert len(known_errors(insider, "payroll exports")) == 1
    assert known_errors(as_actor(engineer), "payroll exports") == []


def test_one_click_links_it_and_writes_the_workaround_once(agent: Any, requester: Any, as_actor: Any) -> None:
    actor = as_actor(agent)
    problem = known(actor, "Pool exhausted", workaround_public=True)
    mine, theirs = (incidents.open_incident(actor=as_actor(requester), title=f"Checkout {one}") for one in ("a", "b"))
    operations.apply(problem, actor=actor, incident=mine.reference)
    operations.apply(problem, actor=actor, incident=theirs.reference, requester=True)
    assert [one.record for one in linked_to(problem, actor)] == [mine, theirs]
    told = Note.objects.filter(record_kind="incident").order_by("pk").values_list("record_id", "private")
    assert list(told) == [(mine.pk, True), (theirs.pk, False)]
    operations.broadcast(problem, actor=actor, requesters=True)
    from django.utils import timezone

    assert operations.tell_owed(timezone.now()) == 1, "only the caller of the first has not heard it"
    assert [one.problem for one in fitting(mine, actor)] == []


def test_what_may_not_be_applied_is_refused(agent: Any, requester: Any, as_actor: Any) -> None:
    actor = as_actor(agent)
    problem = known(actor, "Pool exhausted")
    incident = incidents.open_incident(actor=as_actor(requester), title="Checkout")
    with pytest.raises(InvalidInput):
        operations.apply(problem, actor=actor, incident=incident.reference, requester=True)
    with pytest.raises(InvalidInput):
        operations.apply(problem, actor=actor, incident="INC-99999")
    with pytest.raises(NotPermitted):
        operations.apply(problem, actor=as_actor(requester), incident=incident.reference)
    silent = operations.open_problem(actor=actor, statement="Pool")
    with pytest.raises(WrongState):
        operations.apply(silent, actor=actor, incident=incident.reference)
    incidents.resolve(incident, actor=actor, resolution="Gone", resolution_code="solved")
    with pytest.raises(WrongState):
        operations.apply(problem, actor=actor, incident=incident.reference)
    assert not Note.objects.exists()
