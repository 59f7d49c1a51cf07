"""Erasing a person: afterwards their names stand nowhere, what they did stays, and whoever must be kept is kept."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.audit.models import Entry, Link
from itsm.audit.verifying import verify
from itsm.calendars import operations as calendars
from itsm.clocks import due
from itsm.clocks.models import CalendarVersion
from itsm.erasure import operations, queries
from itsm.erasure.models import Erasure, ErasureWord
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.notifications.notifying import notify
from itsm.statuspage.models import StatusPage, Subscriber
from itsm.work import tasks
from tests.itsm.audit.test_chain import at_commit

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
_TEXTS = """
SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_type = 'BASE TABLE' AND table_schema = current_schema()
  AND (udt_name IN ('text', 'varchar', 'jsonb', 'json', '_text', '_varchar'))
"""


def said_anywhere(word: str) -> list[str]:
    """Every text column of the database that says it, by a scan of its own."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS)
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s', [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
    return found


@pytest.fixture
def zora(as_actor: Any, agent: User, admin: User) -> User:
    """Who had another name once, reported, wrote, was written about, kept a calendar, failed to sign in, and left."""
    made = accounts.add_user(
        actor=SYSTEM, username="zora.quill7", name="Zora Smith-Quill", email="zora@quill.example",
        roles=["agent", "admin"], teams=[],
    )  # fmt: skip
    home = accounts.add_location(actor=SYSTEM, slug="north-house", name="North House")
    made = accounts.edit_person(
        made, actor=SYSTEM, version=made.version, name="Zora Quill", email="z@quill.example", location=home
    )
    me = as_actor(made)
    incident = incidents.open_incident(actor=me, title="Zora Quill cannot print", description="Ask zora.quill7.")
    incidents.note(incident, actor=as_actor(agent), text="Called ZORA QUILL <z@quill.example>, zora@quill.example.")
    tasks.add_task(incident, actor=me, title="Call Zora Quill")
    incidents.edit(incident, actor=me, version=incident.version, labels=["zora quill"])
    notify([agent], "zora.quill7 has left", body="Zora Quill", path="/people/zora.quill7/", record=incident)
    calendars.create_calendar(
        actor=me, at=timezone.now(), name="Office", zone="Europe/Berlin", week={"mon": ["09:00-17:00"]}, days=[]
    )
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO search_word (word) VALUES ('quill')")
    return accounts.deactivate(made, actor=SYSTEM, successor=agent, reason="Zora Quill moved on")


def test_afterwards_no_column_says_any_of_their_names_and_what_they_did_stays(zora: User, as_actor: Any) -> None:
    told = [{"address": one, "page": StatusPage.objects.create(slug=f"page-{n}", name="Acme")}
            for n, one in enumerate(["zora@quill.example", "z@quill.example", "other@example.org"])]  # fmt: skip
    Subscriber.objects.bulk_create(
        Subscriber(**one, asked_at=timezone.now(), asks_since=timezone.now(), confirmed_at=timezone.now())
        for one in told
    )
    before = said_anywhere("quill")
    assert {"audit_entry.changes", "clocks_calendarversion.by_name", "accounts_user.name", "work_note.text"} <= {
        *before
    }
    entries, versions = Entry.objects.count(), CalendarVersion.objects.count()
    preview = queries.preview(zora)
    assert preview.total > 5
    assert said_anywhere("quill") == before, "a preview changes nothing"
    made = operations.erase(zora, actor=SYSTEM)
    assert said_anywhere("quill") == []
    assert said_anywhere("zora") == []
    assert {where.partition(".")[0] for where in preview.found} <= {where.partition(".")[0] for where in made.masked}
    assert Entry.objects.count() == entries + 2
    assert CalendarVersion.objects.count() == versions
    assert [one.address for one in Subscriber.objects.all()] == ["other@example.org"], "nor is a mask told anything"
    mask = f"erased-{zora.pk}"
    assert Incident.objects.get().title == f"{mask} cannot print"
    assert Incident.objects.get().caller.username == mask  # type: ignore[union-attr]
    assert User.objects.get(pk=zora.pk).location is None
    assert {one.actor_name for one in Entry.objects.filter(actor_id=zora.pk)} == {mask}
    erased = Entry.objects.first()
    assert erased is not None
    assert (erased.event, erased.reference) == ("user.erased", mask)
    at_commit()
    masks = Link.objects.filter(because="mask")
    assert set(masks.values_list("because_id", flat=True)) == {made.pk}
    assert masks.count() == made.masked["audit_entry"]
    assert Link.objects.filter(salt=None).count() == masks.count(), "what names were mixed with is gone"
    assert verify().findings == [], "the chain still proves what is left"


def test_a_second_run_finds_nothing(zora: User) -> None:
    operations.erase(zora, actor=SYSTEM)
    zora.refresh_from_db()
    entries = Entry.objects.count()
    found = queries.preview(zora)
    assert (found.found, found.words, found.plain) == ({}, [], [])
    operations.erase(zora, actor=SYSTEM)
    assert Entry.objects.count() == entries
    assert Erasure.objects.count() == 1


def test_whoever_works_here_or_must_be_kept_is_not_erased(zora: User, agent: User, as_actor: Any) -> None:
    with pytest.raises(Conflict, match="Deactivate"):
        operations.erase(agent, actor=SYSTEM)
    with pytest.raises(NotPermitted):
        operations.erase(zora, actor=as_actor(agent))
    with pytest.raises(InvalidInput):
        operations.hold(zora, actor=SYSTEM, reason="\u200b")
    operations.hold(zora, actor=SYSTEM, reason="Case 12/26")
    before = said_anywhere("quill")
    with pytest.raises(Conflict, match="Case 12/26"):
        operations.erase(zora, actor=SYSTEM)
    assert said_anywhere("quill") == before
    operations.lift_hold(zora, actor=SYSTEM)
    operations.erase(zora, actor=SYSTEM)


def test_a_plain_word_is_masked_where_somebody_is_named_and_nowhere_else(as_actor: Any) -> None:
    """Who is called approver takes no role with them, and no word of a text."""
    made = accounts.add_user(actor=SYSTEM, username="approver", name="Ro", roles=["agent", "approver"])
    incident = incidents.open_incident(actor=as_actor(made), title="Ask the approver first")
    other = accounts.add_user(actor=SYSTEM, username="bo", name="Bo", roles=["approver"])
    operations.erase(accounts.deactivate(made, actor=SYSTEM), actor=SYSTEM)
    made.refresh_from_db()
    other.refresh_from_db()
    incident.refresh_from_db()
    assert (made.roles, other.roles) == (["agent", "approver"], ["approver"])
    assert incident.title == "Ask the approver first"
    born = Entry.objects.get(event="user.created", record_id=made.pk)
    assert born.changes["roles"] == [[], ["agent", "approver"]]
    assert not Entry.objects.filter(actor_id=made.pk).exclude(actor_name=f"erased-{made.pk}").exists()
    assert born.reference == f"erased-{made.pk}"


def test_history_takes_a_mask_and_nothing_else_while_somebody_is_erased(zora: User) -> None:
    terms = json.dumps({"within": "quill", "whole": "", "mask": "x"})
    pk = Entry.objects.latest("pk").pk
    for held, statement, refused in (
        ("", "UPDATE audit_entry SET remark = replace(remark, 'Quill', 'x') WHERE id = %s", True),
        (terms, "UPDATE audit_entry SET remark = 'Bo moved on' WHERE id = %s", True),
        (terms, "DELETE FROM audit_entry WHERE id = %s", True),
        (terms, "UPDATE audit_entry SET remark = replace(remark, 'Quill', 'x') WHERE id = %s", False),
    ):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('headroom.masking', %s, true)", [held])
            if refused:
                with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
                    cursor.execute(statement, [pk])
            else:
                cursor.execute(statement, [pk])
                assert cursor.rowcount == 1
                cursor.execute("SELECT set_config('headroom.masking', '', true)")


def test_administrators_do_it_on_a_page_and_at_the_command_line(
    zora: User, admin: User, agent: User, web: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "AT_ONCE", 600)
    where = f"/erasure/{zora.username}/"
    assert web(agent).get(where).status_code == 403
    browser = web(admin)
    page = browser.get(where).content.decode()
    assert "audit_entry.changes" in page
    assert browser.post(where, {"do": "erase", "login": "somebody"}).status_code in {400, 422}
    assert browser.post(where, {"do": "hold", "reason": "Case 12"}).status_code == 302
    assert browser.post(where, {"do": "erase", "login": zora.username}).status_code == 409
    assert browser.post(where, {"do": "lift"}).status_code == 302
    out = io.StringIO()
    call_command("erase_person", zora.username, stdout=out)
    assert json.loads(out.getvalue())["erased"] is False
    session = browser.session
    session.pop("proved_at", None)
    session.save()
    admin.set_password("a long password 1")
    admin.save()
    browser = web(admin)
    session = browser.session
    session.pop("proved_at", None)
    session.save()
    assert browser.post(where, {"do": "erase", "login": zora.username}).status_code == 403
    assert 'name="password"' in browser.get(where).content.decode()
    answer = browser.post(where, {"do": "erase", "login": zora.username, "password": "a long password 1"})
    assert answer["Location"] == f"/erasure/erased-{zora.pk}/"
    assert "was erased" in browser.get(answer["Location"]).content.decode()
    out = io.StringIO()
    call_command("erase_person", f"erased-{zora.pk}", "--erase", stdout=out)
    assert json.loads(out.getvalue())["found"] == {}


def test_an_erasure_that_was_killed_goes_on_where_it_was(zora: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "PART_SECONDS", 0)  # a table at a time
    made = operations.begin(zora, actor=SYSTEM)
    for _ in range(20):
        made = operations.going_on(made.pk)
    assert made.ended_at is None
    assert 0 < made.percent < 90
    assert len(made.tables_left) < made.tables
    assert due.promised(operations.DUE, "user", zora.pk) is not None
    assert operations.begin(zora, actor=SYSTEM).tables_left == made.tables_left, "asked for twice it is one"
    monkeypatch.undo()
    monkeypatch.setattr(operations, "SECONDS", 600)
    due.sweep(timezone.now() + timedelta(seconds=1))
    made.refresh_from_db()
    assert (made.percent, ErasureWord.objects.count()) == (100, 0)
    assert said_anywhere("quill") == []
    at_commit()
    assert verify().findings == []


def test_what_is_written_meanwhile_is_masked_too(
    zora: User, agent: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PART_SECONDS", 0)  # a table at a time
    made = operations.begin(zora, actor=SYSTEM)
    while "work_note" in made.tables_left:
        made = operations.going_on(made.pk)
    assert (made.round, made.ended_at) == (1, None)
    incidents.note(Incident.objects.get(), actor=as_actor(agent), text="Zora Quill called once more.")
    while made.ended_at is None:
        made = operations.going_on(made.pk)
    assert said_anywhere("quill") == []
