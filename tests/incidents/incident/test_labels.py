"""Labels: written in one way, found by the filter, and known only to who sees a record that has them."""

import csv
import io
from typing import Any

import pytest

from incidents.incident import operations, queries
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.kernel.errors import InvalidInput
from itsm.search.models import Document
from itsm.work import actions
from itsm.work.labels import labels_in
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def payroll(db: None) -> Team:
    return Team.objects.create(name="Payroll", slug="payroll", takes_work=True, confidential=True)


@pytest.fixture
def secret(payroll: Team, person: Any, as_actor: Any) -> Incident:
    clerk = person("agent", username="clerk")
    Membership.objects.create(user=clerk, team=payroll)
    return operations.open_incident(actor=as_actor(clerk), title="Salaries", team=payroll, labels=["severance", "vpn"])


@pytest.fixture
def incident(agent: User, as_actor: Any) -> Incident:
    Membership.objects.create(user=agent, team=Team.objects.get(triage=True))
    return operations.open_incident(actor=as_actor(agent), title="Cannot dial in", labels=["VPN", "  Home   office"])


def test_a_label_is_written_in_one_way_only() -> None:
    assert labels_in(["VPN", "vpn ", "Home \t office", "ÉTÉ", "E\u0301te\u0301"]) == ["home office", "vpn", "été"]


@each_of("wrong", ["", "\u200b", "a,b", "a..b", ">=1", "<2", "none", "ANY", "me", "x" * 41, "a\0b"])
def test_a_label_that_nobody_could_ask_for_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidInput):
        labels_in([wrong])
    with pytest.raises(InvalidInput, match="20"):
        labels_in([f"word {n}" for n in range(21)])


def test_people_and_programs_put_them_on_and_take_them_off(incident: Incident, agent: User, api: Any, web: Any) -> None:
    assert incident.labels == ["home office", "vpn"]
    where = f"/api/v1/incidents/{incident.reference}/"

    def patched(version: int, **body: Any) -> Any:
        return api(agent).patch(where, body, format="json", headers={"If-Match": f'"{version}"'})

    answer = patched(1, add_labels=["Urgent"], remove_labels=["VPN"])
    assert answer.json()["labels"] == ["home office", "urgent"]
    assert Entry.objects.filter(record_kind="incident", record_id=incident.pk).first().changes["labels"] == [  # type: ignore[union-attr]
        ["home office", "vpn"], ["home office", "urgent"],
    ]  # fmt: skip
    for refused in ({"labels": ["a,b"]}, {"labels": "vpn"}, {"add_labels": [f"w{n}" for n in range(19)]}):
        assert patched(2, **refused).status_code == 400
    browser = web(agent)
    page = browser.get(f"{incident.get_absolute_url()}rewrite/").content.decode()
    assert "home office, urgent" in page
    sent = {"title": incident.title, "labels": "Printer, , vpn", "version": 2}
    assert browser.post(f"{incident.get_absolute_url()}rewrite/", sent).status_code == 302
    shown = browser.get(incident.get_absolute_url()).content.decode()
    assert "?label=printer" in shown
    assert "Printer" not in shown
    assert (
        browser.post(f"{incident.get_absolute_url()}rewrite/", {**sent, "version": 3, "labels": ""}).status_code == 302
    )
    incident.refresh_from_db()
    assert incident.labels == []


def test_one_who_only_reports_puts_none_on(requester: User, api: Any) -> None:
    made = api(requester).post("/api/v1/incidents/", {"title": "Help", "labels": ["vip"]}, format="json").json()
    assert made["labels"] == []


def test_the_filter_finds_them_in_every_way_it_can_ask(
    incident: Incident, agent: User, as_actor: Any, api: Any
) -> None:
    bare = operations.open_incident(actor=as_actor(agent), title="Bare")
    both = {incident.reference, bare.reference}
    for query, found in {
        "label=vpn": {incident.reference}, "label=VPN": {incident.reference}, "label=x,home office": {incident.reference},
        "label=none": {bare.reference}, "label=any": {incident.reference}, "not.label=vpn": {bare.reference},
        "not.label=x": both, "label=x": set(),
    }.items():  # fmt: skip
        answer = api(agent).get(f"/api/v1/incidents/?{query}")
        assert {one["number"] for one in answer.json()["results"]} == found, query


def test_bulk_and_macros_add_to_what_stands_and_a_deed_can_be_taken_back(
    incident: Incident, agent: User, as_actor: Any
) -> None:
    todo = actions.parse([{"kind": "field", "value": {"add_labels": ["Storm"]}}])
    done = actions.carry_out(incident, todo, actor=as_actor(agent), version=1)
    assert done.record.labels == ["home office", "storm", "vpn"]
    assert actions.summary("incident", todo) == "Add labels: Storm"
    back = actions.known("incident").put_back(done.record, done.changes, actor=as_actor(agent), version=2)
    assert back.labels == ["home office", "vpn"]


def test_they_are_in_files_in_the_list_and_in_the_search(incident: Incident, agent: User, api: Any, web: Any) -> None:
    lines = b"".join(api(agent).get("/api/v1/incidents.csv").streaming_content).decode()
    (row,) = csv.DictReader(io.StringIO(lines))
    assert row["labels"] == "home office, vpn"
    text = Document.objects.get(record_kind="incident", record_id=incident.pk).text
    assert "home office, vpn" in text


def test_labels_of_a_hidden_queue_are_suggested_to_nobody_else(
    incident: Incident, secret: Incident, agent: User, requester: User, as_actor: Any, api: Any, web: Any
) -> None:
    assert queries.labels_seen(as_actor(agent)) == ["home office", "vpn"]
    assert queries.labels_seen(as_actor(agent), "h%") == []
    assert queries.labels_seen(as_actor(secret.opened_by)) == ["vpn", "home office", "severance"]
    for url in ("/incidents/new/", f"{incident.get_absolute_url()}rewrite/", "/macros/new/?kind=incident"):
        assert "severance" not in web(agent).get(url).content.decode()
    assert api(agent).get("/api/v1/incidents/labels/?begin=HO").json() == ["home office"]
    assert api(requester).get("/api/v1/incidents/labels/").json() == []
    known, unknown = (api(agent).get(f"/api/v1/incidents/?label={word}").json() for word in ("severance", "severancf"))
    assert known["results"] == unknown["results"] == []
