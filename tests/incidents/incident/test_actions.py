"""A list of actions is one deed: all of it or nothing, one entry, one version, one message a person."""

from datetime import UTC, datetime
from typing import Any

import pytest

from incidents.incident import operations
from incidents.incident.workflow import Status
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.clocks.models import Clock
from itsm.deeds import Deed
from itsm.kernel.errors import DomainError, InvalidInput, MissingInformation, NotPermitted, StaleVersion
from itsm.notifications.models import Notification
from itsm.notifications.wishes import Leaving, Way
from itsm.work import actions
from itsm.work.models import Note, Task, Watcher

pytestmark = pytest.mark.django_db
RESOLVE = {"step": "resolve", "resolution": "New toner.", "resolution_code": "solved"}


@pytest.fixture
def printing(agent: User) -> Team:
    made = Team.objects.create(name="Printing", slug="printing", takes_work=True)
    Membership.objects.create(user=agent, team=made)
    return made


@pytest.fixture
def bo(person: Any) -> User:
    return person("requester", username="bo")


@pytest.fixture
def incident(bo: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(bo), title="Cannot print")


def parsed(**values: Any) -> list[actions.Action]:
    return actions.parse([{"kind": kind, "value": value} for kind, value in values.items()])


def entries(incident: Incident, since: int = 0) -> list[Entry]:
    return list(Entry.objects.filter(record_kind="incident", record_id=incident.pk, id__gt=since).order_by("id"))


def test_team_take_reply_and_resolve_are_one_entry_one_mail_and_one_version(
    incident: Incident, printing: Team, bo: User, agent: User, as_actor: Any
) -> None:
    born = entries(incident)[-1].pk
    todo = parsed(team="printing", assignee="me", reply="Try again now.", step=RESOLVE)
    done = actions.carry_out(incident, todo, actor=as_actor(agent), version=1, because="Toner")
    assert [entry.event for entry in entries(incident, born)] == ["incident.resolved"]
    assert entries(incident)[-1].changes["because"] == [None, "Toner"]
    assert (done.record.version, done.record.status, done.record.assigned_to) == (2, Status.RESOLVED, agent)
    (told,) = Notification.objects.filter(to=bo)
    assert told.body == "Try again now.\n\nNew toner."
    assert done.changes["team_id"] == [incident.team_id, printing.pk]
    assert done.changes["status"] == ["new", "resolved"]


def test_what_is_said_along_with_a_step_stops_the_first_response(
    incident: Incident, agent: User, as_actor: Any
) -> None:
    todo = parsed(reply="We look at it.", step={"step": "acknowledge"})
    actions.carry_out(incident, todo, actor=as_actor(agent), version=None)
    clock = Clock.objects.get(record_kind="incident", record_id=incident.pk, name="first_response")
    assert clock.state == "stopped"


def test_the_story_shows_the_words_with_the_step(incident: Incident, agent: User, as_actor: Any, web: Any) -> None:
    todo = parsed(reply="Try again now.", step=RESOLVE)
    actions.carry_out(incident, todo, actor=as_actor(agent), version=None)
    page = web(agent).get(incident.get_absolute_url()).content.decode()
    assert "Try again now." in page
    assert "New toner." in page
    assert "resolved it" in page


def test_a_private_note_with_a_step_stays_private(
    incident: Incident, bo: User, agent: User, as_actor: Any, web: Any
) -> None:
    todo = parsed(note="Their third one this week.", step=RESOLVE)
    actions.carry_out(incident, todo, actor=as_actor(agent), version=None)
    page = web(bo).get(incident.get_absolute_url()).content.decode()
    assert "third one" not in page
    assert "New toner." in page


@pytest.mark.parametrize(
    ("last", "refusal"),
    [
        ({"kind": "team", "value": "payroll"}, InvalidInput),
        ({"kind": "step", "value": {"step": "reopen", "reason": "no"}}, DomainError),
        ({"kind": "parent", "value": "INC-99999"}, InvalidInput),
        ({"kind": "assignee", "value": "bo"}, InvalidInput),
    ],
)
def test_nothing_is_done_where_one_refuses(
    incident: Incident, agent: User, as_actor: Any, last: dict[str, Any], refusal: type[DomainError]
) -> None:
    before = (len(entries(incident)), Incident.objects.filter(pk=incident.pk).values().get())
    first = [
        {"kind": "reply", "value": "Hello"},
        {"kind": "field", "value": {"priority": 1}},
        {"kind": "tasks", "value": [{"title": "Look"}]},
        {"kind": "watcher", "value": "me"},
    ]
    with pytest.raises(refusal):
        actions.carry_out(incident, actions.parse([*first, last]), actor=as_actor(agent), version=None)
    assert (len(entries(incident)), Incident.objects.filter(pk=incident.pk).values().get()) == before
    assert not any(model.objects.exists() for model in (Note, Task, Watcher, Notification))


def test_what_changes_nothing_leaves_no_trace(incident: Incident, agent: User, as_actor: Any) -> None:
    before = len(entries(incident))
    done = actions.carry_out(incident, parsed(field={"priority": incident.priority}), actor=as_actor(agent), version=1)
    assert (done.changes, done.record.version, len(entries(incident))) == ({}, 1, before)


def test_the_version_that_was_read_holds_for_all_of_it(incident: Incident, agent: User, as_actor: Any) -> None:
    with pytest.raises(StaleVersion):
        actions.carry_out(incident, parsed(note="x"), actor=as_actor(agent), version=7)


def test_what_cannot_run_is_said_and_nothing_is_done(
    incident: Incident, printing: Team, agent: User, person: Any, as_actor: Any
) -> None:
    dee = person("agent", username="dee")
    todo = parsed(team="payroll", assignee="dee", reply="Hi", step={"step": "reopen", "reason": "x"})
    blocked = {one.place: one.why for one in actions.possible(incident, as_actor(agent), todo)}
    assert set(blocked) == {0, 3}
    assert "no such queue" in blocked[0]
    assert "cannot be reopened" in blocked[3]
    todo = parsed(team="printing", assignee="dee", note="x")
    assert actions.possible(incident, as_actor(agent), todo) == [(1, f"{dee} cannot work in Printing.")]
    assert actions.possible(incident, as_actor(agent), parsed(assignee="me", step=RESOLVE)) == []
    assert Note.objects.count() == 0


def test_of_one_that_waits_for_the_caller_somebody_asks_first(incident: Incident, agent: User, as_actor: Any) -> None:
    hold = {"step": "hold", "hold_reason": "caller", "reason": "Which printer"}
    operations.acknowledge(incident, actor=as_actor(agent))
    incident.refresh_from_db()
    assert [one.place for one in actions.possible(incident, as_actor(agent), parsed(step=hold))] == [0]
    with pytest.raises(MissingInformation):
        actions.carry_out(incident, parsed(step=hold), actor=as_actor(agent), version=None)
    both = parsed(reply="Which printer?", step=hold)
    assert actions.possible(incident, as_actor(agent), both) == []
    done = actions.carry_out(incident, both, actor=as_actor(agent), version=None)
    assert done.record.status == Status.ON_HOLD


def test_an_edit_is_taken_back_with_what_followed_from_it(
    incident: Incident, printing: Team, agent: User, as_actor: Any
) -> None:
    actor, known = as_actor(agent), actions.known("incident")
    before = Incident.objects.filter(pk=incident.pk).values().get()
    done = actions.carry_out(incident, parsed(team="printing", field={"priority": 2}), actor=actor, version=None)
    assert done.record.reassigned == 1
    known.put_back(incident, done.changes, actor=actor, version=done.record.version)
    after = Incident.objects.filter(pk=incident.pk).values().get()
    moves_by_itself = {"version", "updated_at", "next_due"}
    assert {k: v for k, v in after.items() if k not in moves_by_itself} == {
        k: v for k, v in before.items() if k not in moves_by_itself
    }
    assert after["version"] == 3


def test_taking_back_never_lets_changes_go_without_a_second_person(
    agent: User, bo: User, as_actor: Any, system: Any
) -> None:
    from tests.factories.slo import a_service

    incident = operations.open_incident(actor=as_actor(bo), title="Down", service=a_service())
    actor = as_actor(agent)
    done = actions.carry_out(incident, parsed(field={"priority": 1}), actor=actor, version=None)
    assert done.record.holds_changes
    with pytest.raises(DomainError):
        actions.known("incident").put_back(incident, done.changes, actor=actor, version=done.record.version)
    with pytest.raises(DomainError, match=r"second person|interest"):
        actions.carry_out(incident, parsed(field={"priority": 3}), actor=actor, version=None)
    incident.refresh_from_db()
    assert incident.priority == 1


def test_who_may_not_work_there_does_nothing(incident: Incident, bo: User, as_actor: Any) -> None:
    with pytest.raises(NotPermitted):
        actions.carry_out(incident, parsed(field={"priority": 1}), actor=as_actor(bo), version=None)


@pytest.mark.parametrize(
    "body",
    [
        None, {}, [], "x", [1], [[]], [{"kind": "team"}], [{"kind": "team", "value": 3}], [{"kind": [], "value": 1}],
        [{"kind": "field", "value": {}}], [{"kind": "reply", "value": " "}], [{"kind": "tasks", "value": [{}]}],
        [{"kind": "step", "value": {"step": 4}}], [{"kind": "note", "value": "a"}] * 2,
        [{"kind": "watcher", "value": "me"}] * 21, [{"kind": "tasks", "value": [{"title": "x", "mandatory": "yes"}]}],
        [{"kind": "note", "value": "x", "more": 1}],
    ],
)  # fmt: skip
def test_what_is_no_list_of_actions_is_refused_with_a_sentence(body: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        actions.parse(body)
    assert len(refused.value.detail) > 15
    assert refused.value.errors


def test_actions_are_written_as_they_are_read() -> None:
    listed = [{"kind": "team", "value": "network"}, {"kind": "assignee", "value": None}]
    assert actions.to_json(actions.parse(listed)) == listed


def test_one_message_of_a_deed_leaves_as_soon_as_the_most_urgent_of_its_parts() -> None:
    """Collected, then at once: it is not collected; told as whom its private words were meant for."""
    later = datetime(2027, 1, 1, tzinfo=UTC)
    collected, soon, now = (
        Way("incident.answered", "watcher", {"mail": Leaving(later, is_collected=True)}),
        Way("incident.reopened", "team", {"mail": Leaving(later), "push": Leaving()}),
        Way("incident.resolved", "caller"),
    )  # fmt: skip
    at_once, both = {"mail": Leaving()}, {"mail": Leaving(), "push": Leaving()}
    for order, relation, over in (
        ((now, collected), "watcher", at_once), ((soon, now), "team", both), ((now, soon), "team", both),
        ((collected, soon), "team", soon.over), ((None, collected), "watcher", at_once),
        ((collected,), "watcher", collected.over),
    ):  # fmt: skip
        deed = Deed("incident", 1, None, 1)
        for way in order:
            deed.keep_message({7: "Bo"}, "Said", "words", {"how": {7: way} if way else None})
        way = deed.messages[7].options["how"][7]
        assert (way.relation, way.over) == (relation, over), order
