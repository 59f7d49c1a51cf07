"""Queues: who sees, opens, changes and assigns what; a confidential queue does not exist for anybody else."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.incident import operations, queries
from incidents.models import Incident
from incidents.postmortem import operations as postmortems
from incidents.problem import operations as problems
from itsm.accounts import operations as accounts
from itsm.accounts.models import Grant, Membership, Team, User
from itsm.accounts.operations import queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from itsm.notifications.models import Notification
from itsm.search.finding import find
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def a_queue(slug: str, *members: User, confidential: bool = False, tier: int = 1) -> Team:
    team = Team.objects.create(slug=slug, name=slug.title(), takes_work=True, confidential=confidential, tier=tier)
    Membership.objects.bulk_create(Membership(user=one, team=team, lead=n == 0) for n, one in enumerate(members))
    return team


@pytest.fixture
def hilda(person: Any) -> User:
    return person("agent", username="hilda")


@pytest.fixture
def staff(hilda: User) -> Team:
    """The confidential queue of human resources."""
    return a_queue("staff", hilda, confidential=True)


@pytest.fixture
def secret(staff: Team, hilda: User, person: Any, as_actor: Any) -> Incident:
    bo = person("agent", username="bo")
    return operations.open_incident(actor=as_actor(hilda), title="Warning letter printed", team=staff, caller=bo)


class TestAConfidentialQueue:
    @pytest.mark.parametrize("role", ["agent", "engineer", "approver", "manager", "owner", "auditor", "admin"])
    def test_is_not_there_for_whoever_works_elsewhere(
        self, role: str, secret: Incident, person: Any, as_actor: Any, web: Callable[[User], Client]
    ) -> None:
        outsider = person(role, username="outsider")
        browser = web(outsider)
        assert browser.get(secret.get_absolute_url()).status_code == 404
        for tab in ("open", "all", "unassigned"):
            assert "Warning letter" not in browser.get(f"/incidents/?tab={tab}").content.decode()
        assert not queries.listed(as_actor(outsider)).filter(pk=secret.pk).exists()
        with pytest.raises(NotFound):
            queries.by_reference(as_actor(outsider), secret.reference)

    def test_answers_like_one_that_never_was(self, secret: Incident, agent: User, web: Any) -> None:
        browser = web(agent)
        there, never = (
            re.sub(
                r'("X-CSRFToken": |token" value=)"[^"]+"',
                "",
                browser.get(f"/incidents/INC-{number:05}/").content.decode(),
            )
            for number in (secret.pk, 99999)
        )
        assert there.replace(secret.reference, "INC-99999") == never

    def test_its_members_work_in_it(self, secret: Incident, hilda: User, as_actor: Any) -> None:
        operations.acknowledge(secret, actor=as_actor(hilda))
        assert operations.note(secret, actor=as_actor(hilda), text="Called Bo.").private

    def test_the_caller_reads_the_public_side_and_answers(
        self, secret: Incident, hilda: User, as_actor: Any, web: Any
    ) -> None:
        operations.note(secret, actor=as_actor(hilda), text="Only among us.")
        operations.reply(secret, actor=as_actor(hilda), text="Which printer was it?")
        caller = User.objects.get(username="bo")
        page = web(caller).get(secret.get_absolute_url()).content.decode()
        assert "Which printer was it?" in page
        assert "Only among us." not in page
        assert web(caller).post(f"{secret.get_absolute_url()}note/", {"text": "On floor 3."}).status_code == 302
        with pytest.raises(NotPermitted):
            operations.note(secret, actor=as_actor(caller), text="x")

    def test_an_administrator_lets_themselves_in_until_an_instant_and_its_leads_hear_of_it(
        self, secret: Incident, staff: Team, hilda: User, person: Any, as_actor: Any
    ) -> None:
        admin = person("admin", username="root")
        with pytest.raises(InvalidInput) as refused:
            queues.grant(staff, actor=as_actor(admin), right="view", user=admin)
        assert list(refused.value.errors) == ["until"]
        made = queues.grant(
            staff, actor=as_actor(admin), right="view", user=admin, until=timezone.now() + timedelta(hours=2)
        )
        assert queries.by_reference(as_actor(admin), secret.reference) == secret
        assert Notification.objects.filter(to=hilda, subject__contains="a right in Staff").count() == 1
        Grant.objects.filter(pk=made.pk).update(until=timezone.now() - timedelta(minutes=1))
        with pytest.raises(NotFound):
            queries.by_reference(as_actor(admin), secret.reference)

    def test_is_opened_up_by_a_lead_alone(self, staff: Team, hilda: User, person: Any, as_actor: Any) -> None:
        admin = as_actor(person("admin", username="root"))
        with pytest.raises(NotPermitted):
            queues.edit_queue(staff, actor=admin, version=staff.version, confidential=False)
        assert not queues.edit_queue(
            staff, actor=as_actor(hilda), version=staff.version, confidential=False
        ).confidential

    def test_is_never_merged_into_an_open_one(self, staff: Team, person: Any, as_actor: Any) -> None:
        with pytest.raises(Conflict):
            accounts.merge_teams(staff, into=a_queue("network"), actor=as_actor(person("admin", username="root")))

    def test_hides_from_the_search_what_is_merged_into_it(
        self, staff: Team, hilda: User, agent: User, person: Any, as_actor: Any
    ) -> None:
        network = a_queue("network", agent)
        incident = operations.open_incident(actor=as_actor(agent), title="Quagga routes", team=network)
        problem = problems.open_problem(actor=as_actor(agent), statement="Quagga routes", team=network)
        about_it = postmortems.open_postmortem(actor=as_actor(agent), incident=incident)
        about_them = postmortems.open_postmortem(actor=as_actor(agent), problem=problem)
        everything = {one.reference for one in (incident, problem, about_it, about_them)}
        outsider, insider = person("engineer", username="outsider"), hilda
        assert {one.reference for one in find(as_actor(outsider), "quagga").documents} == everything
        accounts.merge_teams(network, into=staff, actor=as_actor(person("admin", username="root")))
        assert find(as_actor(outsider), "quagga").documents == []
        assert {one.reference for one in find(as_actor(insider), "quagga").documents} == everything

    def test_is_not_found_by_the_search(self, secret: Incident, agent: User, hilda: User, web: Any) -> None:
        assert "Warning letter" not in web(agent).get("/search/?q=warning+letter").content.decode()
        assert "Warning letter" in web(hilda).get("/search/?q=warning+letter").content.decode()


class TestRights:
    def test_who_is_in_no_queue_changes_nothing_there(self, agent: User, as_actor: Any, person: Any) -> None:
        network = a_queue("network", person("engineer", username="nina"))
        incident = operations.open_incident(actor=as_actor(agent), title="Slow", team=network)
        with pytest.raises(NotPermitted, match="Network"):
            operations.edit(incident, actor=as_actor(agent), version=1, priority=2)
        with pytest.raises(NotPermitted):
            operations.acknowledge(incident, actor=as_actor(agent))

    def test_a_grant_of_one_right_is_that_right_alone(self, agent: User, as_actor: Any, person: Any) -> None:
        nina = person("engineer", username="nina")
        network, desk = a_queue("network", nina), a_queue("desk", agent)
        incident = operations.open_incident(actor=as_actor(nina), title="Slow", team=network)
        queues.grant(network, actor=SYSTEM, right="change", member_of=desk)
        changed = operations.edit(incident, actor=as_actor(agent), version=1, priority=2)
        with pytest.raises(NotPermitted, match="assign in Network"):
            operations.edit(changed, actor=as_actor(agent), version=changed.version, team=desk)

    def test_who_cannot_work_there_is_not_assigned(self, agent: User, as_actor: Any, person: Any) -> None:
        nina, max_ = person("engineer", username="nina"), person("agent", username="max")
        network = a_queue("network", nina)
        incident = operations.open_incident(actor=as_actor(nina), title="Slow", team=network)
        with pytest.raises(InvalidInput, match="max cannot work in Network"):
            operations.edit(incident, actor=as_actor(nina), version=1, assigned_to=max_)

    def test_a_move_counts_and_lets_go_of_who_does_not_work_there(self, as_actor: Any, person: Any) -> None:
        nina = person("engineer", username="nina")
        first, second = a_queue("first", nina), a_queue("second", person("agent", username="max"), tier=2)
        queues.grant(second, actor=SYSTEM, right="create", role="engineer")
        incident = operations.open_incident(actor=as_actor(nina), title="Slow", team=first)
        incident = operations.edit(incident, actor=as_actor(nina), version=1, assigned_to=nina)
        moved = operations.edit(incident, actor=as_actor(nina), version=incident.version, team=second)
        assert (moved.team, moved.assigned_to, moved.reassigned, moved.escalated_functionally) == (second, None, 1, 1)

    def test_an_unseen_queue_is_an_unknown_one(self, staff: Team, agent: User, as_actor: Any) -> None:
        with pytest.raises(InvalidInput, match="no such queue"):
            operations.open_incident(actor=as_actor(agent), title="Slow", team=staff)

    def test_what_nothing_places_lies_in_triage_and_a_service_in_its_teams_queue(
        self, agent: User, as_actor: Any
    ) -> None:
        assert operations.open_incident(actor=as_actor(agent), title="Slow").team.triage
        service = a_service(team=a_queue("payments"))
        assert operations.open_incident(actor=as_actor(agent), title="Slow", service=service).team == service.team

    def test_the_triage_queue_stays_open_and_is_not_retired(self, person: Any, as_actor: Any) -> None:
        admin, triage = as_actor(person("admin", username="root")), Team.objects.get(triage=True)
        with pytest.raises(Conflict):
            queues.edit_queue(triage, actor=admin, version=triage.version, confidential=True)
        with pytest.raises(Conflict):
            accounts.retire_team(triage, actor=admin)
        network = a_queue("network")
        queues.edit_queue(network, actor=admin, version=1, triage=True)
        assert list(Team.objects.filter(triage=True)) == [network]
