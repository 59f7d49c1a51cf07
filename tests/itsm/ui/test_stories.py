"""History as people read it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.template import Context, Template

from catalog.models import Service
from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.audit.recording import timeline
from itsm.ui.activity import Delta, Event, activity
from itsm.ui.event_texts import sentence
from itsm.work.operations import add_note, notes_on


@pytest.fixture
def incident(agent: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(agent), title="Slow")


def test_values_are_said_as_people_know_them(incident: Incident, agent: User, engineer: User, as_actor: Any) -> None:
    shop = Service.objects.create(slug="shop", name="Shop", tier=1)
    fields = {"assigned_to": engineer, "service": shop, "priority": 1}
    operations.edit(incident, actor=as_actor(agent), version=1, **fields)
    newest = activity(incident, timeline(incident))[0]
    assert {(delta.label, delta.before, delta.after) for delta in newest.deltas} == {
        ("Assigned to", "nothing", "engineer"),
        ("Service", "nothing", "Shop"),
        ("Priority", "P3 Moderate", "P1 Critical"),
        ("Priority given by", "the matrix", "a person"),
        ("Why this priority", "P3 = impact medium x urgency medium (matrix 1)", "nothing"),
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


class TestLines:
    AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def drawn(self, **said: Any) -> str:
        event = Event(**{"at": self.AT, "who": "Ada & Bo", "is_person": True, "sentence": "<did> it"} | said)
        return Template('{% include "components/timeline.html" %}').render(Context({"events": [event]}))

    def test_a_person_did_it(self) -> None:
        line = self.drawn(entry=7, deltas=[Delta("Priority", "<P3>", "P1"), Delta("Title", "a", "b")])
        assert '<li id="entry-7" data-entry="7" class="is-history">' in line
        assert '<span class="face" aria-hidden="true">Ad</span>' in line
        assert "<strong>Ada &amp; Bo</strong> &lt;did&gt; it<span" in line
        assert '<span class="delta">Priority: <s>&lt;P3&gt;</s> → <b>P1</b></span><span class="delta">Title' in line
        assert 'datetime="2026-03-01T12:00:00Z"' in line
        assert not [word for word in ("automatic", "by API", "bubble", "<did>") if word in line]

    def test_a_program_did_it_elsewhere(self) -> None:
        line = self.drawn(is_person=False, via="api", origin="INC-<7>")
        assert 'class="by-system"><svg' in line
        assert '</strong> <span class="small faint">automatic</span> &lt;did&gt;' in line
        assert '<span class="small faint">on INC-&lt;7&gt;</span>' in line
        assert "</time> · by API</span>" in line

    def test_what_was_written_stands_in_a_bubble_as_private_as_it_is(self) -> None:
        public = self.drawn(text="first\n\n<b>second</b>\nline")
        assert '<div dir="auto" class="bubble"><p>first</p>\n\n<p>&lt;b&gt;second&lt;/b&gt;<br>line</p></div>' in public
        assert "is-history" not in public
        private = self.drawn(text="for us", private=True)
        assert '<div dir="auto" class="bubble is-private"><span class="small faint"><svg' in private
        assert "Only people who work here see this</span><p>for us</p>" in private

    def test_nothing_has_happened(self) -> None:
        assert "Nothing has happened yet." in Template('{% include "components/timeline.html" %}').render(Context())
