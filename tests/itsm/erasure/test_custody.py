"""One person's data as a file; what is marked as personal; what a legal hold on records keeps."""

import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry, Link
from itsm.audit.recording import record_event
from itsm.audit.verifying import verify
from itsm.clocks import due
from itsm.erasure import exporting, holding, operations, queries
from itsm.erasure.models import PersonExport, RecordHold
from itsm.fields import operations as fields
from itsm.fields.filtering import csv_columns
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.retention.models import Purged
from itsm.second_factors.models import CodeApp
from itsm.work.operations import add_note
from tests.api.world import bearer, token_of
from tests.itsm.audit.test_chain import at_commit

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def leaver(as_actor: Any) -> User:
    made = accounts.add_user(
        actor=SYSTEM, username="q.leaver", name="Quinn Leaver", email="q@leaver.example", roles=["agent"], teams=[]
    )
    return made


@pytest.fixture
def incident(leaver: User, as_actor: Any, admin: User) -> Incident:
    for key, personal in (("shoe", True), ("room", False)):
        fields.add_field(actor=as_actor(admin), owner="incident", key=key, type="text", label=key, personal=personal,
                         requester_sees=True, requester_fills=True)  # fmt: skip
    return incidents.open_incident(
        actor=as_actor(leaver), title="Paper is out", caller=leaver, attributes={"shoe": "43", "room": "12"}
    )


def test_an_export_holds_what_refers_to_them_and_no_secret(leaver: User, incident: Incident, admin: User, as_actor: Any, settings: Any, tmp_path: Any) -> None:  # fmt: skip
    settings.FILES_DIR = str(tmp_path)
    made = exporting.begin(leaver, actor=as_actor(admin))
    assert exporting.begin(leaver, actor=as_actor(admin)) == made
    with pytest.raises(NotPermitted):
        exporting.begin(leaver, actor=as_actor(leaver))
    due.sweep(timezone.now() + timedelta(seconds=1))
    made.refresh_from_db()
    assert (made.percent, made.done) == (100, made.tables)
    with zipfile.ZipFile(exporting.folder() / made.name) as archive:
        account = json.loads(archive.read("accounts.user.json"))
        opened = json.loads(archive.read("incidents.incident.json"))
        entries = json.loads(archive.read("audit.entry.json"))
    assert [one["email"] for one in account] == ["q@leaver.example"]
    assert "password" not in account[0]
    assert [(one["title"], one["attributes"]["shoe"]) for one in opened] == [("Paper is out", "43")]
    assert {"user.created", "incident.created"} <= {one["event"] for one in entries}
    due.sweep(timezone.now() + exporting.KEPT + timedelta(hours=1))
    assert list(exporting.folder().iterdir()) == []
    assert PersonExport.objects.get().name == ""


def test_what_is_personal_goes_from_record_and_history_and_stands_in_no_csv(
    leaver: User, incident: Incident, as_actor: Any, agent: User
) -> None:
    assert [one.field.key for one in csv_columns("incident", as_actor(agent), works_here=True)] == ["room"]
    shoe = {"attributes": {"shoe": "44 wide", "room": "14"}}
    incidents.edit(incident, actor=as_actor(agent), version=incident.version, **shoe)
    accounts.deactivate(leaver, actor=SYSTEM)
    assert queries.preview(leaver).found["fields_field.personal"] == 1
    operations.erase(leaver, actor=SYSTEM)
    incident.refresh_from_db()
    assert incident.attributes == {"room": "14"}
    told = [
        one.changes["attributes"] for one in Entry.objects.filter(record_kind="incident") if "attributes" in one.changes
    ]
    assert told == [[{"room": "12"}, {"room": "14"}]]
    at_commit()
    assert Link.objects.filter(because="personal").count() == len(told)
    assert verify().findings == []


def test_a_hold_on_a_record_or_a_kind_keeps_whom_it_names(leaver: User, incident: Incident, admin: User, as_actor: Any) -> None:  # fmt: skip
    accounts.deactivate(leaver, actor=SYSTEM)
    actor = as_actor(admin)
    with pytest.raises(InvalidInput):
        holding.hold_records(actor=actor, record_kind="incident", reference="INC-99999", reason="Case 7")
    with pytest.raises(InvalidInput):
        holding.hold_records(actor=actor, record_kind="teapot", reason="Case 7")
    for reference in (incident.reference, ""):
        held = holding.hold_records(actor=actor, record_kind="incident", reference=reference, reason="Case 7")
        with pytest.raises(Conflict, match="Case 7"):
            holding.hold_records(actor=actor, record_kind="incident", reference=reference, reason="Again")
        with pytest.raises(Conflict, match="Case 7"):
            operations.erase(leaver, actor=SYSTEM)
        assert Incident.objects.filter(holding.held("incident")).count() == 1
        holding.lift_records(held, actor=actor)
    assert not RecordHold.objects.exists()
    assert operations.erase(leaver, actor=SYSTEM).ended_at is not None


def test_over_rest_it_is_previewed_begun_and_followed(
    leaver: User, incident: Incident, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "SECONDS", 600)
    client = bearer(token_of(admin))
    path = f"/api/v1/people/{leaver.username}/erase/"
    preview = client.get(path).json()
    assert preview["state"] == "kept"
    assert "Deactivate" in preview["blocked"]
    assert client.post(path, {"login": leaver.username}, format="json").status_code == 409
    accounts.deactivate(leaver, actor=SYSTEM)
    assert client.post(path, {"login": "somebody"}, format="json").status_code == 400
    refused = client.post(path, {"login": leaver.username}, format="json")
    assert refused.status_code == 403  # a token is not enough
    assert refused.json()["type"].endswith("password-needed")
    operations.begin(leaver, actor=replace(actor_for(admin, Door.WEB), proved_at=timezone.now()))
    due.sweep(timezone.now() + timedelta(seconds=1))
    after = client.get(f"/api/v1/people/erased-{leaver.pk}/erase/").json()
    assert (after["state"], after["percent"], after["found"]) == ("erased", 100, {})
    assert client.get(f"/api/v1/people/erased-{leaver.pk}/export/").json()["asked_at"] is None
    refused = client.post(f"/api/v1/people/erased-{leaver.pk}/export/", {}, format="json")
    assert refused.status_code == 403


def test_they_are_held_and_lifted_on_a_page(incident: Incident, admin: User, agent: User, web: Any) -> None:
    assert web(agent).get("/settings/retention/holds/").status_code == 403
    browser = web(admin)
    said = {"record_kind": "incident", "reference": incident.reference, "reason": "Case 7"}
    assert browser.post("/settings/retention/holds/", said).status_code == 302
    page = browser.get("/settings/retention/holds/").content.decode()
    assert "Case 7" in page
    assert browser.post("/settings/retention/holds/", said).status_code == 409
    assert browser.post("/settings/retention/holds/", {"lift": "x"}).status_code == 404
    assert browser.post("/settings/retention/holds/", {"lift": str(RecordHold.objects.get().pk)}).status_code == 302
    assert not RecordHold.objects.exists()


def test_an_export_leaves_out_what_is_hidden_from_who_asks_and_notes_what_is_confidential(
    leaver: User, admin: User, person: Any, as_actor: Any, settings: Any, tmp_path: Any
) -> None:
    settings.FILES_DIR = str(tmp_path)
    team = Team.objects.create(slug="hr", name="HR", confidential=True, takes_work=True)
    second_admin = person("admin", username="second.admin")
    for one in (leaver, second_admin):
        Membership.objects.create(team=team, user=one)
    secret = incidents.open_incident(actor=as_actor(leaver), title="A matter of trust", team=team, caller=leaver)
    plain = incidents.open_incident(actor=as_actor(leaver), title="Paper is out", caller=leaver)
    for one in (secret, plain):
        add_note(one, actor=as_actor(leaver), text=f"Words on {one.title}")
    CodeApp.objects.create(user=leaver, name="phone", sealed="gAAAA-of-the-seed", created_at=timezone.now())

    def told(who: User) -> str:
        exporting.begin(leaver, actor=as_actor(who))
        due.sweep(timezone.now() + timedelta(seconds=1))
        made = PersonExport.objects.first()
        with zipfile.ZipFile(exporting.folder() / made.name) as archive:
            return "".join(archive.read(name).decode() for name in archive.namelist())

    hidden, whole = told(admin), told(second_admin)
    assert "Words on Paper is out" in hidden
    assert "Words on Paper is out" in whole
    assert "gAAAA" not in whole
    for what in ("A matter of trust", secret.reference):
        assert what in whole
        assert what not in hidden
    noted = Entry.objects.filter(event="confidential.read", record_kind="incident", record_id=secret.pk)
    assert [one.actor_id for one in noted] == [second_admin.pk]


def test_the_file_of_an_export_is_fetched_by_who_asked_for_it_alone(
    leaver: User, admin: User, person: Any, web: Any, as_actor: Any, settings: Any, tmp_path: Any
) -> None:
    settings.FILES_DIR = str(tmp_path)
    made = exporting.begin(leaver, actor=as_actor(admin))
    due.sweep(timezone.now() + timedelta(seconds=1))
    address = f"/erasure/{leaver.username}/export/{made.pk}/"
    assert web(person("admin", username="second.admin")).get(address).status_code == 404
    assert web(admin).get(address).status_code != 404


def test_who_gave_a_name_that_was_written_before_does_not_erase_it(
    leaver: User, incident: Incident, admin: User, agent: User, person: Any, as_actor: Any
) -> None:
    add_note(incident, actor=as_actor(agent), text="Refused because of risk, as said.")
    accounts.edit_person(
        leaver, actor=as_actor(admin), version=None, version_required=False, name="refused because of risk"
    )
    gone = accounts.deactivate(leaver, actor=SYSTEM)
    with pytest.raises(Conflict, match="refused because of risk"):
        operations.begin(gone, actor=as_actor(admin))
    operations.begin(gone, actor=as_actor(person("admin", username="second.admin")))


def test_what_was_masked_and_then_purged_is_explained_still(
    leaver: User, incident: Incident, agent: User, as_actor: Any
) -> None:
    record_event("incident.held", incident, actor=as_actor(agent), remark="Quinn Leaver is ill")
    operations.erase(accounts.deactivate(leaver, actor=SYSTEM), actor=SYSTEM)
    assert Entry.objects.get(event="incident.held").remark == f"erased-{leaver.pk} is ill"
    Purged.objects.create(record_kind="incident", record_id=incident.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT retention_empty_history('incident', %s, '{}')", [[incident.pk]])
    assert Link.objects.filter(because="purge").exists()
    at_commit()
    assert verify().findings == []


def test_no_erasure_explains_an_entry_that_holds_no_personal_field(
    leaver: User, incident: Incident, agent: User, as_actor: Any
) -> None:
    made = operations.erase(accounts.deactivate(leaver, actor=SYSTEM), actor=SYSTEM)
    record_event("incident.held", incident, actor=as_actor(agent), remark="as it was")
    entry = Entry.objects.get(event="incident.held")
    with connection.cursor() as cursor:
        at_commit()
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET remark = 'as I like it' WHERE id = %s", [entry.pk])
        cursor.execute("SELECT audit_relink(ARRAY[%s]::bigint[], 'personal', %s)", [entry.pk, made.pk])
        at_commit()
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    assert [(one.what, one.entry) for one in verify().findings] == [("mask", entry.pk)]
