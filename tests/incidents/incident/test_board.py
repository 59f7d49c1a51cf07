"""The board: columns of what the filter leaves, and cards that move by the same steps and edits as everywhere."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.incident import operations
from incidents.incident.views.board import CARDS, step_between
from incidents.incident.workflow import WORKFLOW, Status
from incidents.models import Incident
from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from tests.architecture.test_hidden_records import _difference, plain

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("tests", Door.COMMAND)


@pytest.fixture
def incident(agent: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(agent), title="Cannot print")


@pytest.fixture
def client(agent: User, web: Any) -> Client:
    found: Client = web(agent)
    return found


def move(client: Client, incident: Incident, by: str, to: object, **words: Any) -> Any:
    incident.refresh_from_db()
    sent = {"group_by": by, "to": to, "version": incident.version, **words}
    return client.post(f"/incidents/{incident.reference}/move/", sent)


class TestMoving:
    def test_a_card_moves_by_the_step_of_the_workflow(self, client: Client, incident: Incident) -> None:
        answer = move(client, incident, "state", "in_progress")
        incident.refresh_from_db()
        assert (answer.status_code, incident.status) == (200, Status.IN_PROGRESS)
        assert f'data-v="{incident.version}"' in answer.content.decode()

    def test_what_the_step_asks_for_is_asked_first(self, client: Client, incident: Incident) -> None:
        asked = move(client, incident, "state", "resolved")
        assert (asked.status_code, "resolution_code" in asked.content.decode()) == (422, True)
        incident.refresh_from_db()
        assert incident.status == Status.NEW
        done = move(client, incident, "state", "resolved", asked="1", resolution="Plugged in", resolution_code="solved")
        incident.refresh_from_db()
        assert (done.status_code, incident.status) == (200, Status.RESOLVED)

    def test_what_was_sent_and_is_wrong_comes_back_in_the_form(self, client: Client, incident: Incident) -> None:
        asked = move(client, incident, "state", "resolved", asked="1", resolution="Plugged in", resolution_code="magic")
        assert (asked.status_code, "Plugged in" in asked.content.decode()) == (422, True)

    def test_there_where_no_step_leads_it_is_told(self, client: Client, incident: Incident) -> None:
        move(client, incident, "state", "in_progress")
        answer = move(client, incident, "state", "new")
        assert (answer.status_code, answer["Content-Type"].startswith("text/plain")) == (409, True)
        assert "No step leads" in answer.content.decode()

    @pytest.mark.parametrize(
        ("by", "to", "field", "value"), [("priority", "2", "priority", 2), ("assigned", "", "assigned_to", None)]
    )
    def test_other_columns_are_edits(
        self, client: Client, incident: Incident, by: str, to: str, field: str, value: object
    ) -> None:
        assert move(client, incident, by, to).status_code == 200
        incident.refresh_from_db()
        assert getattr(incident, field) == value

    def test_to_oneself_it_is_taken(self, client: Client, incident: Incident, agent: User) -> None:
        assert move(client, incident, "assigned", agent.pk).status_code == 200
        incident.refresh_from_db()
        assert incident.assigned_to == agent

    def test_a_stale_card_moves_nothing(self, client: Client, incident: Incident) -> None:
        answer = client.post(
            f"/incidents/{incident.reference}/move/",
            {"group_by": "priority", "to": "2", "version": incident.version + 7},
        )
        assert answer.status_code == 412
        incident.refresh_from_db()
        assert incident.priority != 2

    @pytest.mark.parametrize(
        "sent", [{}, {"group_by": "magic"}, {"group_by": "state", "to": "\0"}, {"group_by": "priority", "to": "9" * 40}]
    )
    def test_odd_bodies_are_told(self, client: Client, incident: Incident, sent: dict[str, str]) -> None:
        assert 400 <= client.post(f"/incidents/{incident.reference}/move/", sent).status_code < 500

    def test_between_two_states_there_is_one_way_by_hand(self) -> None:
        assert step_between("new", "in_progress") == "acknowledge"
        assert step_between("on_hold", "in_progress") == "resume"
        assert step_between("resolved", "in_progress") == "reopen"
        assert step_between("cancelled", "in_progress") is None
        assert step_between("new", "new") is None
        for state in Status.values:
            for target in Status.values:
                action = step_between(state, target)
                assert action is None or (state in WORKFLOW.steps[action].sources)


class TestColumns:
    def many(self, agent: User, count: int, **fields: Any) -> None:
        sure = {"opened_at": timezone.now(), "opened_by": agent, "caller": agent, **fields}
        Incident.objects.bulk_create(Incident(title=f"Slow {n}", **sure) for n in range(count))

    def test_a_column_shows_some_and_says_how_many(self, client: Client, agent: User) -> None:
        self.many(agent, CARDS + 5)
        page = client.get("/incidents/board/?whose=all").content.decode()
        assert page.count('class="board-card') == CARDS
        assert f'<span class="much">{CARDS + 5}</span>' in page

    def test_more_come_by_key(self, client: Client, agent: User) -> None:
        self.many(agent, CARDS + 5)
        first = client.get("/incidents/board/?whose=all").context["filled"][0][2]
        more = client.get("/incidents/board/", {"whose": "all", "column": "new", "after": first.after}).content.decode()
        assert more.count('class="board-card') == 5

    @pytest.mark.parametrize("by", ["state", "assigned", "priority", "team"])
    def test_however_many_rows_it_asks_the_same(
        self, client: Client, agent: User, by: str, django_assert_max_num_queries: Any
    ) -> None:
        self.many(agent, 2)
        client.get(f"/incidents/board/?group_by={by}&whose=all")
        self.many(agent, 60)
        with django_assert_max_num_queries(24):
            assert client.get(f"/incidents/board/?group_by={by}&whose=all").status_code == 200

    def test_the_filter_of_the_list_holds_here(self, client: Client, agent: User) -> None:
        self.many(agent, 2, priority=1)
        self.many(agent, 3, priority=4)
        page = client.get("/incidents/board/?whose=all&priority=1").content.decode()
        assert page.count('class="board-card') == 2
        assert client.get("/incidents/board/?colour=red").status_code == 400

    def test_a_confidential_queue_is_not_on_it(self, client: Client, agent: User, person: Any) -> None:
        team = accounts.add_team(
            actor=SYSTEM, slug="payroll", name="Payroll", members={person("agent", username="hr"): True}
        )
        accounts.edit_queue(team, actor=SYSTEM, version=team.version, takes_work=True, confidential=True)
        before = [
            plain(client.get(f"/incidents/board/?whose=all&group_by={by}")) for by in ("state", "team", "priority")
        ]
        self.many(agent, 2, team=team, caller=None, opened_by=None)
        after = [
            plain(client.get(f"/incidents/board/?whose=all&group_by={by}")) for by in ("state", "team", "priority")
        ]
        assert [_difference(*both) for both in zip(before, after, strict=True) if both[0] != both[1]] == []

    def test_requesters_have_no_board(self, requester: User, web: Any) -> None:
        assert web(requester).get("/incidents/board/").status_code == 403
