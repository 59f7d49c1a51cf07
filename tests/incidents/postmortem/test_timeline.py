"""The timeline fills from the record, and filling never overwrites what people wrote."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from changes.models import Change
from incidents.incident import operations as incidents
from incidents.incident.operations.majors import stand_as_major
from incidents.models import Incident, PostmortemEvent
from incidents.postmortem import operations
from incidents.problem import operations as problems
from itsm.accounts.models import Team
from itsm.kernel.errors import NotFound
from tests.factories.majors import accepted
from tests.incidents.postmortem.situations import a_draft, an_incident

pytestmark = pytest.mark.django_db


def test_it_fills_from_the_story_and_the_notes_and_names_nobody(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    incident = incidents.acknowledge(an_incident(actor, priority=3), actor=actor)
    incidents.note(incident, actor=actor, text="The pool is empty")
    incident.refresh_from_db()
    accepted(incident)
    stand_as_major(incident, is_major=True, actor=actor)
    draft = a_draft(actor, incident=incident)
    told = {one.text: one.source for one in draft.events.all()}
    assert told == {
        "Opened: Checkout returns 502": "incident", "Work started": "incident", "The pool is empty": "note",
        "Made a major incident.": "incident",
    }  # fmt: skip
    assert not any("engineer" in text for text in told)


def test_what_a_problem_told_many_incidents_stands_in_it_once(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    waiting = [an_incident(actor) for _ in range(3)]
    raised = [one.reference for one in waiting]
    problem = problems.open_problem(actor=actor, statement="Pool", workaround="Restart it", raised_from=raised)
    problems.broadcast(problem, actor=actor)
    assert problems.tell_owed(timezone.now()) == 3
    incidents.note(waiting[0], actor=actor, text="Still down")
    incidents.note(waiting[0], actor=actor, text="Still down")
    draft = operations.open_postmortem(actor=actor, problem=problem, at=timezone.now())
    told = [one.text for one in draft.events.filter(source="note")]
    assert told == [f"{problem.reference} says: Restart it", "Still down", "Still down"]


def test_refilling_adds_and_keeps_twenty_edits(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    incident = an_incident(actor)
    for number in range(24):
        incidents.note(incident, actor=actor, text=f"Seen {number}")
    draft = a_draft(actor, incident=incident)
    filled = list(draft.events.filter(source="note"))
    assert len(filled) == 24
    for one in filled[:20]:
        operations.edit_event(draft, one, actor=actor, text=f"{one.text}, said otherwise")
    operations.remove_event(draft, filled[20], actor=actor)
    mine = operations.add_event(draft, actor=actor, at=draft.opened_at, text="The dashboard was red")
    incidents.note(incident, actor=actor, text="One more")
    assert operations.refill(draft, actor=actor).filled == 1
    assert operations.refill(draft, actor=actor).filled == 0
    texts = set(draft.events.filter(removed=False).values_list("text", flat=True))
    assert {f"Seen {number}, said otherwise" for number in range(20)} <= texts
    assert {"One more", mine.text, "Seen 21"} <= texts
    assert "Seen 20" not in texts
    operations.remove_event(draft, mine, actor=actor)
    assert not PostmortemEvent.objects.filter(pk=mine.pk).exists()
    with pytest.raises(NotFound):
        operations.edit_event(draft, mine, actor=actor, text="Again")


def test_deployments_of_linked_changes_stand_in_it(engineer: Any, as_actor: Any) -> None:
    from tests.factories.slo import a_service

    actor = as_actor(engineer)
    incident = an_incident(actor, service=a_service(slug="checkout"))
    now = incident.opened_at
    change = Change.objects.create(
        service=incident.service, environment="production", summary="Deploy 4.7.1", requested_by=engineer,
        author=engineer, created_at=now,
    )  # fmt: skip
    incidents.connect(incident, actor=actor, to=change.reference, relation="caused_by")
    from changes.change.queries.postmortems import deployed

    assert list(deployed([incident.pk])) == []
    assert now - timedelta(days=1) < now


def test_of_a_problem_it_tells_nothing_that_lies_in_a_confidential_queue(engineer: Any, as_actor: Any) -> None:
    """Whoever reads the problem reads its timeline, and not what personnel wrote about one of its incidents."""
    actor = as_actor(engineer)
    theirs, ours = an_incident(actor, title="Payslips of the board"), an_incident(actor)
    incidents.note(theirs, actor=actor, text="The chair earns 12")
    problem = problems.open_problem(
        actor=actor, statement="Pool", raised_from=[ours.reference, theirs.reference], team=ours.team
    )
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    Incident.objects.filter(pk=theirs.pk).update(team=hidden)
    draft = operations.open_postmortem(actor=actor, problem=problem)
    told = "\n".join(one.text for one in draft.events.all())
    assert "Checkout returns 502" in told
    assert "Payslips" not in told
    assert "chair" not in told
