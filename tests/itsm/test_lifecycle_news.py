"""What a step leaves in the history, and which of many news somebody acts on."""

from collections.abc import Collection, Sequence
from typing import Any

import pytest

from incidents.incident import operations
from incidents.models import Incident
from itsm import lifecycle
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.lifecycle import Moved, RecordEvent


@pytest.mark.django_db
def test_a_step_is_noted_once_with_its_words_and_is_no_birth(system: Actor) -> None:
    incident = operations.open_incident(actor=system, title="Slow")
    before = Entry.objects.count()
    with lifecycle.step(incident, "acknowledge", actor=system, remark="Looking at it."):
        pass
    entry = Entry.objects.order_by("id").last()
    assert Entry.objects.count() == before + 1
    assert entry is not None
    assert (entry.event, entry.remark) == ("incident.acknowledged", "Looking at it.")
    assert entry.changes["status"] == ["new", "in_progress"]


@pytest.mark.django_db
def test_an_edit_that_changes_nothing_leaves_the_version_as_it_was_read(system: Actor) -> None:
    incident = operations.open_incident(actor=system, title="Slow")
    before = Entry.objects.count()
    with lifecycle.edit(incident, actor=system, version=incident.version) as current:
        current.title = "Slow"
    assert Incident.objects.get(pk=incident.pk).version == incident.version
    assert Entry.objects.count() == before


def told(signal: Moved, titles: Sequence[str]) -> list[str]:
    """Those of these news that somebody acts on."""
    made = [Incident(title=title, team_id=1) for title in titles]  # in some queue: the default is looked up
    news = [RecordEvent(one, "incident.edited", Actor.system("tests")) for one in made]
    return [one.record.title for one in signal.acted_on(news)]


def hear(**_: Any) -> None: ...


def hear_too(**_: Any) -> None: ...


def acts_on(*titles: str) -> Any:
    def chosen(news: Sequence[RecordEvent]) -> Collection[RecordEvent]:
        return [one for one in news if one.record.title in titles]

    return chosen


def test_of_many_news_those_are_told_that_somebody_acts_on_in_their_order() -> None:
    signal = Moved()
    assert told(signal, ["a", "b", "c"]) == []
    signal.connect(hear, sender=Incident, acts_on=acts_on("c"))
    assert told(signal, ["a", "b", "c"]) == ["c"]
    signal.connect(hear_too, sender=Incident, acts_on=acts_on("a"))
    assert told(signal, ["a", "b", "c"]) == ["a", "c"]
    assert told(signal, []) == []


def test_a_receiver_that_does_not_say_what_it_acts_on_is_told_everything() -> None:
    signal = Moved()
    signal.connect(hear, sender=Incident, acts_on=acts_on("c"))
    signal.connect(hear_too, sender=Incident)
    assert told(signal, ["a", "b", "c"]) == ["a", "b", "c"]


def test_who_listens_to_other_records_is_not_asked() -> None:
    signal = Moved()
    signal.connect(hear, sender=Entry)
    assert told(signal, ["a"]) == []
