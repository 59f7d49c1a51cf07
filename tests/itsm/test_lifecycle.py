"""The one way a record moves: one winner, nothing lost, news in the same transaction."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from incidents.incident import operations
from incidents.models import Incident
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted, StaleVersion, VersionRequired, WrongState
from itsm.lifecycle import RecordEvent, record_changed
from itsm.search.models import Document
from tests.itsm.at_once import at_once


@pytest.fixture
def incident(system: Actor, db: None) -> Incident:
    opened = operations.open_incident(actor=system, title="Slow")
    return operations.acknowledge(opened, actor=system)


@pytest.fixture
def news() -> Iterator[list[RecordEvent]]:
    """What was announced while the test ran."""
    heard: list[RecordEvent] = []

    def hear(sender: type, news: RecordEvent, **_: Any) -> None:
        heard.append(news)

    record_changed.connect(hear)
    yield heard
    record_changed.disconnect(hear)


def entries(incident: Incident, event: str) -> int:
    return Entry.objects.filter(record_kind="incident", record_id=incident.pk, event=event).count()


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_resolve_one_succeeds(incident: Incident, system: Actor) -> None:
    results = at_once(
        8, lambda: operations.resolve(incident, actor=system, resolution_code="solved", resolution="Rolled back")
    )
    refused = [result for result in results if isinstance(result, WrongState)]
    assert (len(refused), len(results)) == (7, 8)
    assert {error.extra["state"] for error in refused} == {"resolved"}
    assert {tuple(error.extra["available"]) for error in refused} == {("reopen", "close")}
    assert entries(incident, "incident.resolved") == 1
    assert Incident.objects.get(pk=incident.pk).version == incident.version + 1


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_edit_one_version_one_succeeds(incident: Incident, system: Actor) -> None:
    words = iter(f"Slow {number}" for number in range(8))

    def edit() -> Incident:
        return operations.edit(incident, actor=system, version=incident.version, title=next(words))

    results = at_once(8, edit)
    assert sum(isinstance(result, StaleVersion) for result in results) == 7
    winner = next(result for result in results if isinstance(result, Incident))
    assert Incident.objects.get(pk=incident.pk).title == winner.title
    assert entries(incident, "incident.edited") == 1


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_fails_takes_the_step_with_it(incident: Incident, system: Actor) -> None:
    def fail(sender: type, news: RecordEvent, **_: Any) -> None:
        assert Incident.objects.get(pk=incident.pk).status == "resolved"  # it sees the step: the same transaction
        raise DatabaseError("no room")

    record_changed.connect(fail)
    try:
        with pytest.raises(DatabaseError):
            operations.resolve(incident, actor=system, resolution_code="solved", resolution="Rolled back")
    finally:
        record_changed.disconnect(fail)
    assert Incident.objects.get(pk=incident.pk).status == "in_progress"
    assert entries(incident, "incident.resolved") == 0


@pytest.mark.django_db
def test_news_carry_what_changed(incident: Incident, system: Actor, news: list[RecordEvent]) -> None:
    operations.resolve(incident, actor=system, resolution_code="solved", resolution="Rolled back")
    assert [one.event for one in news] == ["incident.resolved"]
    assert news[0].step is not None
    assert news[0].changes["status"] == ["in_progress", "resolved"]
    assert news[0].changes["resolution"] == ["", "Rolled back"]


@pytest.mark.django_db
def test_nothing_changed_is_nothing_noted(incident: Incident, system: Actor, news: list[RecordEvent]) -> None:
    operations.edit(incident, actor=system, version=incident.version, title="Slow")
    assert not news
    assert entries(incident, "incident.edited") == 0


@pytest.mark.django_db
def test_a_record_is_found_as_soon_as_it_is_there_and_under_its_new_name(incident: Incident, system: Actor) -> None:
    operations.edit(incident, actor=system, version=incident.version, title="Crawling")
    assert Document.objects.get(record_kind="incident", record_id=incident.pk).title == "Crawling"


@pytest.mark.django_db
def test_who_comes_before_state_and_state_before_needs(
    incident: Incident, system: Actor, requester: User, as_actor: Callable[..., Actor]
) -> None:
    with pytest.raises(NotPermitted), transaction.atomic():
        operations.hold(incident, actor=as_actor(requester), hold_reason="other", reason="")
    with pytest.raises(WrongState), transaction.atomic():
        operations.resume(incident, actor=system)
    with pytest.raises(MissingInformation) as missing, transaction.atomic():
        operations.hold(incident, actor=system, hold_reason="other", reason="  ")
    assert missing.value.extra["missing"] == ["Give a reason."]


@pytest.mark.django_db
def test_an_edit_without_a_version_is_refused(incident: Incident, system: Actor) -> None:
    with pytest.raises(VersionRequired):
        operations.edit(incident, actor=system, version=None, title="Crawling")


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), [("new", "closed"), ("closed", "new"), ("resolved", "new")])
def test_raw_sql_cannot_jump(system: Actor, before: str, after: str) -> None:
    fields = (
        {"resolution": "x", "resolution_code": "solved", "resolved_at": "2026-01-01T00:00:00Z"}
        if before != "new"
        else {}
    )
    made = Incident.objects.create(title="x", status=before, opened_at="2026-01-01T00:00:00Z", **fields)
    with pytest.raises(DatabaseError, match="does not move"), transaction.atomic():
        Incident.objects.filter(pk=made.pk).update(status=after)


@pytest.mark.django_db
class TestWhatCannotBeSaved:
    """Operations are called by more than forms and serializers: the record itself says no, whichever door was used."""

    @pytest.mark.parametrize(
        ("field", "value"),
        [("title", ""), ("title", "x" * 161), ("priority", 9), ("priority", "soon"), ("title", None)],
    )
    def test_an_edit_to_something_that_the_field_does_not_take_is_refused_and_undone(
        self, incident: Incident, system: Actor, news: list[RecordEvent], field: str, value: Any
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            operations.edit(incident, actor=system, version=incident.version, **{field: value})
        assert list(refused.value.errors) == [field]
        stands = Incident.objects.get(pk=incident.pk)
        assert (stands.title, stands.priority, stands.version) == ("Slow", incident.priority, incident.version)
        assert not news
        assert entries(incident, "incident.edited") == 0

    def test_a_step_that_fills_in_too_much_is_refused_and_undone(self, incident: Incident, system: Actor) -> None:
        with pytest.raises(InvalidInput) as refused, lifecycle.step(incident, "hold", actor=system) as current:
            current.reason, current.title, current.hold_reason = "Waits for the vendor", "x" * 161, "vendor"
        assert list(refused.value.errors) == ["title"]
        assert Incident.objects.get(pk=incident.pk).status == "in_progress"

    def test_what_was_not_touched_is_not_looked_at_again(self, incident: Incident, system: Actor) -> None:
        """An older row that today's rules would refuse can still be worked on."""
        Incident.objects.filter(pk=incident.pk).update(title="")
        incident.refresh_from_db()
        assert operations.edit(incident, actor=system, version=incident.version, description="More.").title == ""
