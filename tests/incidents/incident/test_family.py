"""Parents and children, and work that needs more than its queue has."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations
from incidents.incident.workflow import Status
from incidents.models import Incident
from itsm.accounts.models import Grant, Membership, Team, User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted
from itsm.notifications.models import Notification
from tests.incidents.incident.test_queues import a_queue

pytestmark = pytest.mark.django_db
SOLVED = {"resolution": "Toner.", "resolution_code": "solved"}


@pytest.fixture
def desk(agent: User, as_actor: Any) -> Actor:
    return as_actor(agent)


@pytest.fixture
def opened(desk: Actor) -> Callable[..., Incident]:
    return lambda title="Cannot print", **more: operations.open_incident(actor=desk, title=title, **more)


def states(*incidents: Incident) -> list[str]:
    found = Incident.objects.in_bulk([one.pk for one in incidents])
    return [found[one.pk].status for one in incidents]


def under(parent: Incident, *children: Incident, desk: Actor) -> None:
    for child in children:
        operations.set_parent(child, actor=desk, parent=parent.reference)


class TestParents:
    def test_one_is_resolved_with_its_open_children_and_none_is_closed(self, opened: Any, desk: Actor) -> None:
        parent, *three = opened(), opened(), opened(), opened()
        under(parent, *three, desk=desk)
        operations.cancel(three[2], actor=desk, cancel_code="withdrawn", reason="x")
        operations.resolve(parent, actor=desk, **SOLVED)
        assert states(parent, *three) == ["resolved", "resolved", "resolved", "cancelled"]
        again = operations.reopen(three[0], actor=desk, reason="Not mine")
        assert (again.status, states(parent)) == (Status.IN_PROGRESS, ["resolved"]), "a child reopens alone"

    def test_a_child_in_another_queue_stops_it_and_is_named_only_to_who_may_see_it(
        self, opened: Any, desk: Actor, person: Any, as_actor: Any
    ) -> None:
        hilda = person("agent", username="hilda")
        network, staff = a_queue("network", hilda), a_queue("staff", hilda, confidential=True)
        parent, away = opened(), opened(team=network)
        secret = operations.open_incident(actor=as_actor(hilda), title="Letter", team=staff)
        under(parent, away, secret, desk=as_actor(hilda))
        with pytest.raises(MissingInformation) as refused:
            operations.resolve(parent, actor=desk, **SOLVED)
        first, second = refused.value.extra["missing"]
        assert first.startswith(f"{away.reference}: ")
        assert (second, secret.reference in refused.value.detail) == ("an incident that you may not see", False)
        assert states(parent, away, secret) == ["new", "new", "new"]
        operations.resolve(parent, actor=desk, leave_blocked=True, **SOLVED)
        assert states(parent, away, secret) == ["resolved", "new", "new"]

    def test_there_is_one_level(self, opened: Any, desk: Actor) -> None:
        first, second, third = opened(), opened(), opened()
        under(first, second, second, desk=desk)
        for child, parent in ((third, second), (first, third), (third, third)):
            with pytest.raises(Conflict):
                under(parent, child, desk=desk)
        with pytest.raises(InvalidInput):
            operations.set_parent(third, actor=desk, parent="INC-99999")
        assert operations.clear_parent(second, actor=desk).parent is None
        operations.resolve(first, actor=desk, **SOLVED)
        with pytest.raises(Conflict, match="is over"):
            under(first, third, desk=desk)

    def test_the_doors_set_and_clear_it(self, opened: Any, agent: User, api: Any, web: Any) -> None:
        parent, child = opened("Mail is down"), opened()
        path = f"/api/v1/incidents/{child.reference}/parent/"
        shown = api(agent).post(path, {"parent": parent.reference}, format="json").json()
        assert shown["parent"] == parent.reference
        assert parent.reference in web(agent).get(f"{child.get_absolute_url()}together/").content.decode()
        assert child.reference in web(agent).get(f"{parent.get_absolute_url()}together/").content.decode()
        page = web(agent).get(parent.get_absolute_url()).content.decode()
        assert "leave_blocked" in page, "asked where there are children"
        assert "leave_blocked" not in web(agent).get(child.get_absolute_url()).content.decode()
        assert api(agent).delete(path).json()["parent"] is None
        web(agent).post(f"{child.get_absolute_url()}parent/", {"parent": parent.reference})
        child.refresh_from_db()
        assert child.parent == parent
        assert web(agent).post(f"{child.get_absolute_url()}parent/", {"parent": "INC-99999"}).status_code == 400
        web(agent).post(f"{child.get_absolute_url()}parent/", {"parent": ""})
        child.refresh_from_db()
        assert child.parent is None


class TestEscalating:
    def test_to_specialists_it_moves_and_is_counted(self, opened: Any, desk: Actor, agent: User, person: Any) -> None:
        nina = person("engineer", username="nina")
        a_queue("network", nina, tier=2)
        incident = operations.acknowledge(opened(), actor=desk)
        moved = operations.escalate(incident, actor=desk, to="network", words="Router logs are needed")
        assert (moved.team.slug, moved.assigned_to, moved.status) == ("network", None, Status.IN_PROGRESS)
        assert (moved.escalated_functionally, moved.escalated_hierarchically, moved.reassigned) == (1, 0, 1)
        assert Notification.objects.filter(to=nina, subject__contains="was escalated").count() == 1

    def test_to_the_lead_it_stays_and_is_counted(self, opened: Any, desk: Actor, person: Any) -> None:
        lena = person("agent", username="lena")
        Membership.objects.create(user=lena, team=Team.objects.get(triage=True), lead=True)
        incident = operations.escalate(opened(), actor=desk, words="The caller is the press")
        assert (incident.escalated_functionally, incident.escalated_hierarchically) == (0, 1)
        assert Notification.objects.filter(to=lena, body__contains="The caller is the press").count() == 1

    def test_it_needs_one_of_both_and_a_higher_tier(self, opened: Any, desk: Actor, person: Any) -> None:
        hilda = person("agent", username="hilda")
        a_queue("peers", hilda)
        a_queue("staff", hilda, confidential=True, tier=3)
        with pytest.raises(MissingInformation):
            operations.escalate(opened(), actor=desk, words=" ")
        for slug, words in (("peers", "no higher tier"), ("staff", "no such queue"), ("never-was", "no such queue")):
            with pytest.raises(InvalidInput, match=words):
                operations.escalate(opened(), actor=desk, to=slug)
        with pytest.raises(Conflict, match="Nobody else leads"):
            operations.escalate(opened(), actor=desk, words="Help")

    def test_out_of_a_confidential_queue_it_takes_the_right_to_assign(
        self, desk: Actor, person: Any, as_actor: Any
    ) -> None:
        hilda, helper = person("agent", username="hilda"), person("agent", username="helper")
        staff = a_queue("staff", hilda, confidential=True)
        a_queue("network", person("engineer", username="nina"), tier=2)
        Grant.objects.create(team=staff, right="change", user=helper, granted_at=timezone.now())
        incident = operations.open_incident(actor=as_actor(hilda), title="Letter", team=staff)
        with pytest.raises(NotPermitted, match="no right to assign in Staff"):
            operations.escalate(incident, actor=as_actor(helper), to="network")
        assert operations.escalate(incident, actor=as_actor(hilda), to="network").team.slug == "network"
