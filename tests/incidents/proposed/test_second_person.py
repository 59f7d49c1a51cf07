"""What a second person would have to confirm is not accepted by one: nothing looks written that was only asked for."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import Membership, User
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.proposals import kinds, operations, queries
from itsm.proposals.models import Proposal
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
AsActor = Callable[..., Actor]
Proposed = Callable[..., Proposal]
ASKS = "second person confirms this first"


@pytest.fixture
def grave(incident: Incident) -> Incident:
    """One that holds changes: a lower priority is for two people."""
    Incident.objects.filter(pk=incident.pk).update(priority=1, priority_by="person", service=a_service())
    return Incident.objects.get(pk=incident.pk)


def states(proposal: Proposal) -> dict[str, str]:
    fresh = Proposal.objects.get(pk=proposal.pk)
    return {"": fresh.state, **{one.field: one.state for one in fresh.parts.all()}}


@pytest.mark.parametrize("body", [{"priority": 4}, {"service": "other"}, {"impact": 3, "urgency": 3, "priority": None}])
def test_what_would_only_ask_a_second_person_waits_on(
    grave: Incident, agent: User, proposed: Proposed, as_actor: AsActor, body: dict[str, Any]
) -> None:
    a_service(slug="other")
    made = proposed("fields", grave, **body)
    before = states(made)
    with pytest.raises(Conflict, match=ASKS):
        operations.accept(made, actor=as_actor(agent), at=timezone.now())
    assert set(before.values()) == {"waiting"}
    assert states(made) == before
    assert not Confirmation.objects.exists(), "nobody is asked by a proposal"
    grave.refresh_from_db()
    assert grave.priority == 1


def test_every_door_says_so_and_shows_it_waiting(
    grave: Incident, agent: User, proposed: Proposed, web: Callable[[User], Client], api: Callable[..., APIClient]
) -> None:
    made = proposed("fields", grave, priority=4)
    for row in ("on", ""):
        answer = web(agent).post(f"/proposals/{made.pk}/accept/", {"version": 1, "row": row})
        assert answer.status_code == 409
        assert ASKS in answer.content.decode()
        assert "Your word about" not in answer.content.decode()
    refused = api(agent).post(f"/api/v1/proposals/{made.pk}/accept/", {}, format="json", HTTP_IF_MATCH='"1"')
    assert (refused.status_code, ASKS in refused.json()["detail"]) == (409, True)
    assert set(states(made).values()) == {"waiting"}
    assert "Accept" in web(agent).get(f"/proposals/{made.pk}/").content.decode()


def test_the_other_parts_are_accepted_by_themselves(
    grave: Incident, agent: User, proposed: Proposed, as_actor: AsActor
) -> None:
    made = proposed("fields", grave, priority=4, title="Prints nothing on floor 2")
    with pytest.raises(Conflict, match=ASKS):
        operations.accept(made, actor=as_actor(agent), at=timezone.now())
    grave.refresh_from_db()
    assert grave.title == "Cannot print"
    operations.accept(made, actor=as_actor(agent), at=timezone.now(), fields=["title"])
    assert states(made) == {"": "waiting", "priority": "waiting", "title": "accepted"}


def test_taking_back_what_would_need_a_second_person_leaves_it_accepted(
    incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor
) -> None:
    Incident.objects.filter(pk=incident.pk).update(service=a_service())
    made = proposed("fields", Incident.objects.get(pk=incident.pk), priority=1)
    operations.accept(made, actor=as_actor(agent), at=timezone.now())
    with pytest.raises(Conflict, match="second person"):
        operations.take_back(made, actor=as_actor(agent), at=timezone.now())
    assert states(made) == {"": "decided", "priority": "accepted"}
    incident.refresh_from_db()
    assert incident.priority == 1


def test_asked_for_on_its_own_page_and_confirmed_it_is_so_already(
    grave: Incident, agent: User, manager: User, proposed: Proposed, as_actor: AsActor
) -> None:
    Membership.objects.create(user=manager, team=grave.team)
    made, actor = proposed("fields", grave, priority=4), as_actor(agent)
    waits = incidents.edit(grave, actor=actor, version=grave.version, priority=4).awaits
    assert waits is not None
    [told] = queries.told([Proposal.objects.get(pk=made.pk)], actor)
    assert told.why_not == {}, "only asked for, it still stands"
    confirming.confirm(waits, actor=as_actor(manager), at=timezone.now(), version=waits.version)
    [told] = queries.told([Proposal.objects.get(pk=made.pk)], actor)
    assert told.why_not == {"priority": "Priority is so already."}


def test_no_kind_takes_what_only_asked_for_what_was_done() -> None:
    """Each of the kinds passes what its operation returned through this one."""
    written = SimpleNamespace(reference="PRB-00001", awaits=None)
    assert kinds.done(written) is written
    with pytest.raises(Conflict, match="ask for it on PRB-00001 itself"):
        kinds.done(SimpleNamespace(reference="PRB-00001", awaits=object()))


@pytest.mark.parametrize(
    ("kind", "operation", "body"),
    [
        ("problem", "incidents.proposed.records.open_problem", {"statement": "The drum is worn"}),
        ("article", "incidents.proposed.records.create_article", {"title": "How to print", "body": "Press."}),
        ("link", "incidents.incident.operations.connect", {}),
    ],
)
def test_an_operation_that_would_ask_leaves_every_kind_waiting(
    incident: Incident, engineer: User, proposed: Proposed, as_actor: AsActor, monkeypatch: pytest.MonkeyPatch,
    kind: str, operation: str, body: dict[str, Any],
) -> None:  # fmt: skip
    if kind == "link":
        other = Incident.objects.create(title="No toner", team=incident.team, opened_at=timezone.now())
        body = {"to": other.reference}
    made = proposed(kind, **body)
    asked = SimpleNamespace(reference="X-1", awaits=object(), id=1, get_absolute_url=lambda: "/")
    monkeypatch.setattr(operation, lambda *args, **words: asked)
    with pytest.raises(Conflict, match="A second person confirms this first"):
        operations.accept(made, actor=as_actor(engineer), at=timezone.now())
    assert set(states(made).values()) == {"waiting"}
