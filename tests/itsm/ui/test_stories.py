"""History as people read it."""

from typing import Any

import pytest

from catalog.models import Service
from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.audit.recording import timeline
from itsm.ui.activity import activity
from itsm.ui.event_texts import sentence
from itsm.work.operations import add_note, notes_on


@pytest.fixture
def incident(agent: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(agent), title="Slow")


def test_values_are_said_as_people_know_them(incident: Incident, agent: User, engineer: User, as_actor: Any) -> None:
    shop = Service.objects.create(slug="shop", name="Shop", tier=1)
    fields = {"assigned_to": engineer, "service": shop, "priority": 1, "major": True}
    operations.edit(incident, actor=as_actor(agent), version=1, **fields)
    newest = activity(incident, timeline(incident))[0]
    assert {(delta.label, delta.before, delta.after) for delta in newest.deltas} == {
        ("Assigned to", "nothing", "engineer"),
        ("Service", "nothing", "Shop"),
        ("Priority", "P3 Moderate", "P1 Critical"),
        ("Priority given by", "the matrix", "a person"),
        ("Why this priority", "P3 = impact medium x urgency medium (matrix 1)", "nothing"),
        ("Major incident", "no", "yes"),
    }


def test_a_step_carries_the_words_that_were_given(incident: Incident, agent: User, as_actor: Any) -> None:
    actor = as_actor(agent)
    operations.acknowledge(incident, actor=actor)
    operations.hold(incident, actor=actor, hold_reason="other", reason="Waits for the bank")
    held = activity(incident, timeline(incident))[0]
    assert (held.sentence, held.text, held.is_person) == ("put it on hold", "Waits for the bank", True)


def test_a_note_and_its_entry_are_one_event(incident: Incident, agent: User, as_actor: Any) -> None:
    add_note(incident, actor=as_actor(agent), text="for us", private=True)
    add_note(incident, actor=as_actor(agent), text="for all", private=False)
    everything = activity(incident, timeline(incident), notes_on(incident, with_private=True))
    assert [event.text for event in everything] == ["for all", "for us", ""]
    public = activity(incident, timeline(incident), notes_on(incident, with_private=False))
    assert [event.text for event in public] == ["for all", ""]


def test_an_event_nobody_gave_words_to_speaks_for_itself() -> None:
    assert sentence("change.put_off") == "put off"
