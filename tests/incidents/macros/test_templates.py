"""Templates: what a new incident begins with, its tasks, and who is offered which."""

from typing import Any

import pytest

from incidents.models import Category, Incident
from itsm.accounts.models import User
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted
from itsm.macros import templates
from itsm.macros.models import Template
from itsm.work.tasks import tasks_of
from tests.incidents.incident.test_queues import a_queue
from tests.together import each_of

pytestmark = pytest.mark.django_db

LAPTOP = [{"title": "Order a laptop", "mandatory": True}, {"title": "Print a badge", "mandatory": False}]


@pytest.fixture
def starter(admin: User, as_actor: Any) -> Template:
    return templates.create_template(
        actor=as_actor(admin), record_kind="incident", name="New starter",
        values={"title": "Somebody starts", "description": "Name, day, team?", "urgency": 3, "major": False}, tasks=LAPTOP,
    )  # fmt: skip


def test_it_fills_in_what_is_not_said_and_brings_its_tasks(starter: Template, agent: User, api: Any) -> None:
    client = api(agent)
    plain = client.post("/api/v1/incidents/", {"template": starter.slug}, format="json").json()
    assert (plain["title"], plain["description"], plain["urgency"]) == ("Somebody starts", "Name, day, team?", 3)
    said = {"template": starter.slug, "title": "Bo starts", "urgency": 1}
    own = client.post("/api/v1/incidents/", said, format="json").json()
    assert (own["title"], own["description"], own["urgency"]) == ("Bo starts", "Name, day, team?", 1)
    made = Incident.objects.latest("id")
    assert [(one.title, one.mandatory) for one in tasks_of(made)] == [
        ("Order a laptop", True),
        ("Print a badge", False),
    ]


def test_without_a_title_anywhere_nothing_is_opened(agent: User, api: Any) -> None:
    answer = api(agent).post("/api/v1/incidents/", {"description": "x"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/title")
    assert api(agent).post("/api/v1/incidents/", {"template": "none", "title": "x"}, format="json").status_code == 404
    assert not Incident.objects.exists()


def test_whoever_chooses_the_category_gets_its_template(
    starter: Template, admin: User, as_actor: Any, api: Any
) -> None:
    Category.objects.create(name="People", path="People")
    templates.edit_template(starter, actor=as_actor(admin), version=1, category="People")
    api(admin).post("/api/v1/incidents/", {"title": "Bo", "category": "People"}, format="json")
    assert tasks_of(Incident.objects.get()).count() == 2
    with pytest.raises(InvalidInput) as refused:
        templates.create_template(actor=as_actor(admin), record_kind="incident", name="x", category="People")
    assert list(refused.value.errors) == ["category"]


def test_what_is_gone_or_unseen_is_left_out_when_a_record_begins(
    starter: Template, admin: User, agent: User, person: Any, as_actor: Any, api: Any
) -> None:
    hidden = a_queue("staff", person("agent", username="hilda"), confidential=True)
    values = {"title": "Somebody starts", "team": "staff", "category": "Retired", "channel": "phone"}
    Template.objects.filter(pk=starter.pk).update(values=values)
    shown = api(agent).get(f"/api/v1/templates/{starter.slug}/").json()
    assert shown["values"] == {"title": "Somebody starts", "channel": "phone"}
    api(agent).post("/api/v1/incidents/", {"template": starter.slug}, format="json")
    assert Incident.objects.get().team_id != hidden.pk


def test_one_of_a_confidential_queue_is_there_for_its_people_alone(
    agent: User, admin: User, requester: User, person: Any, as_actor: Any
) -> None:
    hilda = person("agent", username="hilda")
    team = a_queue("staff", hilda, confidential=True)
    team.memberships.update(lead=True)
    templates.create_template(actor=as_actor(hilda), record_kind="incident", name="Warning", team=team)
    assert [one.name for one in templates.offered_templates(as_actor(hilda), "incident")] == ["Warning"]
    for whose in (agent, admin, requester):
        assert not templates.offered_templates(as_actor(whose), "incident")
        with pytest.raises(NotFound):
            templates.template_named(as_actor(whose), "incident", "warning")
        with pytest.raises(NotPermitted):
            templates.create_template(actor=as_actor(whose), record_kind="incident", name="Mine", team=team)


@each_of(
    ("values", "tasks"),
    [
        ({"colour": "red"}, []), ({"priority": 9}, []), ({"priority": True}, []), ({"title": "\u200b"}, []),
        ({"service": "none"}, []), ({"team": "none"}, []), ({"category": "none"}, []), ({"major": "yes"}, []),
        ({"attributes": {"none": 1}}, []), ({"attributes": []}, []), ({"title": "x" * 161}, []), ({"title": "a\0b"}, []),
        ([], []), ({}, [{}]), ({}, [{"title": "\u200b"}]), ({}, [{"title": "x", "mandatory": "no"}]),
        ({}, [{"title": "x"}] * 31), ({"impact": 1e40}, []), ({"urgency": [1]}, []),
    ],
)  # fmt: skip
def test_what_no_record_could_begin_with_is_refused(values: Any, tasks: Any, admin: User, api: Any) -> None:
    body = {"record_kind": "incident", "name": "x", "values": values, "tasks": tasks}
    answer = api(admin).post("/api/v1/templates/", body, format="json")
    assert answer.status_code == 400, answer.content
    assert not Template.objects.exists()


def test_the_form_of_a_new_incident_begins_with_it_and_what_is_rubbed_out_stays_out(
    starter: Template, agent: User, web: Any
) -> None:
    page = web(agent).get(f"/incidents/new/?template={starter.slug}").content.decode()
    assert 'value="Somebody starts"' in page
    assert "Name, day, team?" in page
    sent = {"title": "Bo starts", "description": "", "urgency": "2", "channel": "phone"}
    assert web(agent).post(f"/incidents/new/?template={starter.slug}", sent).status_code == 302
    made = Incident.objects.get()
    assert (made.description, tasks_of(made).count()) == ("", 2)
