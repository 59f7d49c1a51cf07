"""Fields of an incident: proposed by an agent, decided and written by people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.agents.acting import Call, call_of
from itsm.audit.models import Entry
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, StaleVersion, WrongState
from itsm.notifications.models import Delivery, Notification
from itsm.proposals import operations, queries
from itsm.proposals.models import MOST_OF_A_RECORD, MOST_WAITING, Proposal, ProposalPart
from tests.incidents.proposed.conftest import PROPOSE, agent_of

AsActor = Callable[..., Actor]
Proposed = Callable[..., Proposal]


def states(proposal: Proposal) -> dict[str, str]:
    return dict(ProposalPart.objects.filter(proposal=proposal).order_by("id").values_list("field", "state"))


def accept(proposal: Proposal, actor: Actor, **more: Any) -> Proposal:
    return operations.accept(proposal, actor=actor, at=timezone.now(), **more)


def test_what_waits_moves_nothing(incident: Incident, proposed: Proposed) -> None:
    before = Incident.objects.filter(pk=incident.pk).values().get()
    due = set(Due.objects.exclude(name=operations.CLOSING).values_list("name", "record_id", "at"))
    made = proposed(priority=1, title="Printer is down")
    assert Incident.objects.filter(pk=incident.pk).values().get() == before
    assert set(Due.objects.exclude(name=operations.CLOSING).values_list("name", "record_id", "at")) == due
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()
    assert not Entry.objects.filter(record_kind=Incident.kind, record_id=incident.pk).exists()
    assert states(made) == {"priority": "waiting", "title": "waiting"}


def test_accepted_by_a_person_in_their_name_and_the_agent_is_named(
    incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor
) -> None:
    made = accept(proposed(priority=2, title="Printer is down"), as_actor(agent))
    incident.refresh_from_db()
    assert (incident.priority, incident.title, incident.priority_by) == (2, "Printer is down", "person")
    entry = Entry.objects.get(record_kind=Incident.kind, record_id=incident.pk)
    assert (entry.actor_id, entry.actor_kind, entry.event) == (agent.pk, "human", "incident.edited")
    assert entry.changes["proposed_by_agent"] == [None, "claude for engineer"]
    assert states(made) == {"priority": "accepted", "title": "accepted"}
    assert made.state == "decided"


def test_by_field_with_another_value_and_the_rest_dismissed(
    incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor
) -> None:
    made, actor = proposed(priority=1, title="Printer is down", impact=1), as_actor(agent)
    accept(made, actor, fields=["priority"], values={"priority": 2})
    operations.dismiss(made, actor=actor, at=timezone.now(), fields=["title"], why="It prints elsewhere.")
    incident.refresh_from_db()
    assert (incident.priority, incident.title, incident.impact) == (2, "Cannot print", None)
    assert states(made) == {"title": "dismissed", "impact": "waiting", "priority": "edited"}
    with pytest.raises(WrongState, match="already"):
        accept(made, actor, fields=["title"])


def test_who_may_not_change_it_decides_nothing_and_no_program_does(
    incident: Incident, proposed: Proposed, as_actor: AsActor, call: Call, pipeline: User, person: Any
) -> None:
    made = proposed(priority=1)
    Membership.objects.create(user=pipeline, team=incident.team)  # it may change the incident, and decides nothing
    for actor in (as_actor(person("agent", username="elsewhere")), call.actor, call.eyes, as_actor(pipeline)):
        with pytest.raises(NotPermitted):
            accept(made, actor)
        with pytest.raises(NotPermitted):
            operations.dismiss(made, actor=actor, at=timezone.now())
    assert states(made) == {"priority": "waiting"}


def test_only_agents_propose_and_only_of_what_their_owner_reads_whole(
    incident: Incident, agent: User, requester: User, as_actor: AsActor, proposed: Proposed, call: Call, desk: Team
) -> None:
    said: dict[str, Any] = {
        "at": timezone.now(),
        "kind": "fields",
        "reference": incident.reference,
        "body": {"priority": 1},
        "reason": "So.",
    }
    with pytest.raises(NotPermitted):
        operations.propose(actor=as_actor(agent), eyes=as_actor(agent), **said)
    theirs = call_of(agent_of(requester, "theirs"), requester, PROPOSE, at=timezone.now())
    with pytest.raises(NotFound):
        operations.propose(actor=theirs.actor, eyes=theirs.eyes, **said)
    hidden = Team.objects.create(name="Payroll", slug="payroll", takes_work=True, confidential=True)
    Incident.objects.filter(pk=incident.pk).update(team=hidden)
    with pytest.raises(NotFound):
        proposed(priority=1)


def test_the_record_moved_meanwhile(incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor) -> None:
    actor, made = as_actor(agent), proposed(priority=1, title="Printer is down")
    incidents.edit(incident, actor=actor, version=incident.version, priority=4)
    [told] = queries.told([made], actor)
    assert told.why_not == {"priority": "Priority is P4 Low meanwhile."}
    accept(made, actor)
    incident.refresh_from_db()
    assert (incident.priority, incident.title) == (4, "Printer is down")
    assert states(made) == {"priority": "overtaken", "title": "accepted"}
    late = proposed(priority=2)
    Incident.objects.filter(pk=incident.pk).update(priority=2)
    with pytest.raises(operations.Overtaken, match="so already"):
        accept(late, actor)
    assert states(late) == {"priority": "overtaken"}


def test_undone_within_half_an_hour_by_whose_word_it_was(
    incident: Incident, agent: User, engineer: User, proposed: Proposed, as_actor: AsActor
) -> None:
    made, actor, now = proposed(priority=1), as_actor(agent), timezone.now()
    operations.accept(made, actor=actor, at=now)
    with pytest.raises(WrongState):
        operations.take_back(made, actor=as_actor(engineer), at=now)
    with pytest.raises(WrongState):
        operations.take_back(made, actor=actor, at=now + timedelta(minutes=30))
    operations.take_back(made, actor=actor, at=now + timedelta(minutes=29))
    incident.refresh_from_db()
    assert incident.priority == 3
    assert states(made) == {"priority": "waiting"}
    operations.accept(made, actor=actor, at=now)
    Incident.objects.filter(pk=incident.pk).update(version=99)
    with pytest.raises(StaleVersion):
        operations.take_back(made, actor=actor, at=now)
    assert states(made) == {"priority": "accepted"}


def test_a_flood_ends_and_the_same_twice_is_one(
    incident: Incident, proposed: Proposed, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = proposed(priority=1)
    assert proposed(priority=1) == first
    for number in range(MOST_OF_A_RECORD - 1):
        proposed(title=f"Printer {number}")
    with pytest.raises(Conflict, match="5 of your proposals wait on"):
        proposed(title="Printer")
    operations.withdraw(first, actor=call.actor)
    proposed(title="Printer")
    monkeypatch.setattr("itsm.proposals.operations.proposing.MOST_WAITING", MOST_OF_A_RECORD)
    other = Incident.objects.create(title="Another", team=incident.team, opened_at=timezone.now())
    with pytest.raises(Conflict, match="people decide those first"):
        proposed(about=other, priority=1)
    assert MOST_WAITING == 100


def test_what_nobody_would_see_is_written_out(incident: Incident, proposed: Proposed) -> None:
    made = proposed(title="Printer\u200b\u202edown")
    part = made.parts.get()
    assert part.value == part.shown == "Printer⟨U+200B⟩⟨U+202E⟩down"


def test_people_read_names_and_no_confidential_queue_is_named(
    incident: Incident, engineer: User, proposed: Proposed
) -> None:
    Team.objects.create(name="Network", slug="network", takes_work=True)
    made = proposed(team="network", assigned_to="engineer")
    shown = {one.field: (one.stood, one.shown) for one in made.parts.all()}
    assert shown == {"team": ("Desk", "Network"), "assigned_to": ("nothing", "engineer")}
    hidden = Team.objects.create(name="Payroll", slug="payroll", takes_work=True, confidential=True)
    Membership.objects.create(user=engineer, team=hidden)
    with pytest.raises(InvalidInput, match="confidential"):
        proposed(team="payroll")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Nothing would change"),
        ({"priority": 3}, "Nothing would change"),
        ({"priority": 9}, "priority"),
        ({"caller": "agent"}, "caller"),
        ({"team": "no-such"}, "team"),
        ({"attributes": {"nothing": 1}}, "nothing"),
    ],
)
def test_bad_input(incident: Incident, proposed: Proposed, body: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        proposed(**body)
    assert not Proposal.objects.exists()


def test_closed_after_fourteen_days_and_withdrawn_by_its_agent_alone(
    incident: Incident, proposed: Proposed, call: Call, engineer: User, as_actor: AsActor
) -> None:
    made = proposed(priority=1)
    operations.close_when_due(made.pk, made.closes_at - timedelta(seconds=1))
    made.refresh_from_db()
    assert made.state == "waiting"
    for _turn in range(2):
        operations.close_when_due(made.pk, made.closes_at)
    made.refresh_from_db()
    assert (made.state, made.version) == ("closed", 2)
    with pytest.raises(WrongState):
        accept(made, as_actor(engineer))
    other = call_of(agent_of(engineer, "other"), engineer, PROPOSE, at=timezone.now())
    again = proposed(priority=1)
    with pytest.raises(NotFound):
        operations.withdraw(again, actor=other.actor)
    assert operations.withdraw(again, actor=call.actor).state == "withdrawn"


def test_the_database_lets_only_people_decide_and_keeps_what_was_said(
    incident: Incident, proposed: Proposed, call: Call, engineer: User
) -> None:
    made = proposed(priority=1)
    part, now = made.parts.get(), timezone.now()
    rows: list[tuple[Any, dict[str, Any]]] = [
        (part, {"state": "accepted", "decided_by": call.agent.account_id, "decided_at": now}),
        (part, {"value": 2}),
        (part, {"state": "accepted"}),
        (made, {"reason": "Another."}),
        (made, {"agent": engineer.pk}),
    ]
    for row, change in rows:
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row)._default_manager.filter(pk=row.pk).update(**change)
    made.pk, made.agent_id, made.digest = None, engineer.pk, "x"
    with pytest.raises(DatabaseError), transaction.atomic():
        made.save(force_insert=True)


def test_who_may_decide_it_no_more_takes_no_word_back(
    incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor, desk: Team
) -> None:
    """A token that may not write incidents writes none by taking back; nor does who has left the queue's work."""
    made, other = proposed(priority=1), proposed(title="Printer is down")
    accept(made, as_actor(agent))
    operations.dismiss(other, actor=as_actor(agent), at=timezone.now())
    narrow = as_actor(agent).narrowed(["catalog:write"])
    for one in (made, other):
        with pytest.raises(NotPermitted, match="needs incidents:write"):
            operations.take_back(one, actor=narrow, at=timezone.now())
    User.objects.filter(pk=agent.pk).update(roles=["auditor"])
    gone = as_actor(User.objects.get(pk=agent.pk))
    for one in (made, other):
        with pytest.raises(NotPermitted):
            operations.take_back(one, actor=gone, at=timezone.now())
    incident.refresh_from_db()
    assert incident.priority == 1
    assert states(other) == {"title": "dismissed"}
