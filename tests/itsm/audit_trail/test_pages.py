"""The audit for auditors: found, looked into, taken away with a password; whether it is proven, and what if not."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from incidents.incident import operations as incidents
from itsm.accounts.models import User
from itsm.audit.models import Anchor, Copied, Entry, Verification
from itsm.audit_trail import anchoring, asking, checking, queries
from itsm.audit_trail.models import AskedCheck
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.notifications import outbox
from itsm.notifications.models import Notification
from tests.api.world import bearer, token_of
from tests.itsm.audit.test_chain import at_commit
from tests.itsm.scripted_server import scripted

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def outside(settings: Any, tmp_path: Path, agent: User, as_actor: Any) -> Path:
    settings.ANCHORS_DIR = str(tmp_path)
    incident = incidents.open_incident(actor=as_actor(agent), title="Paper is out")
    incidents.edit(incident, actor=as_actor(agent), version=incident.version, title="=Paper is gone")
    at_commit()
    return tmp_path


def test_entries_are_found_and_shown_with_before_and_after(outside: Path, auditor: User, agent: User, web: Any) -> None:
    page = web(auditor).get("/audit/", {"who": agent.username, "event": "incident."}).content.decode()
    entry = Entry.objects.get(event="incident.edited")
    assert f"/audit/{entry.pk}/" in page
    assert f"/audit/{entry.pk}/" not in web(auditor).get("/audit/", {"event": "user."}).content.decode()
    assert web(auditor).get("/audit/", {"since": "x"}).status_code == 400
    detail = web(auditor).get(f"/audit/{entry.pk}/").content.decode()
    assert "Paper is out" in detail
    assert "as it was written" in detail
    assert web(agent).get("/audit/").status_code == 403


def test_an_export_wants_the_password_and_is_noted(outside: Path, auditor: User, web: Any) -> None:
    client = web(auditor)
    session = client.session
    session.pop("proved_at", None)
    session.save()
    assert client.post("/audit/export/", {"form": "csv"}).status_code == 422
    auditor.set_password("a long password 1")
    auditor.save()
    client = web(auditor)
    answer = client.post("/audit/export/?event=incident.edited", {"form": "csv", "password": "a long password 1"})
    assert answer.status_code == 200
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert Entry.objects.filter(event="user.audit_exported", actor_id=auditor.pk).count() == 1
    answer = client.post("/audit/export/?event=incident.edited", {"form": "ndjson"})
    (line,) = b"".join(answer.streaming_content).decode().splitlines()
    assert json.loads(line)["changes"]["title"] == ["Paper is out", "=Paper is gone"]


def test_heads_are_laid_outside_and_silence_shows(
    outside: Path, auditor: User, django_capture_on_commit_callbacks: Any
) -> None:
    now = timezone.now()
    assert queries.state(now).word == "unchecked"
    assert anchoring.overdue(now) == 1
    with django_capture_on_commit_callbacks(execute=True):
        anchoring.anchor_late(now)
    (file,) = outside.iterdir()
    assert file.read_text().splitlines() == [Anchor.objects.get().line]
    assert anchoring.overdue(now + timedelta(minutes=4)) == 0
    assert due.promised(anchoring.DUE, anchoring.KIND, 0) == now + anchoring.EVERY
    assert checking.check(now, whole=True).findings == []
    assert queries.state(now).word == "proven"
    assert queries.state(now + timedelta(minutes=20)).word == "silent"
    with django_capture_on_commit_callbacks(execute=True):
        due.sweep(now + anchoring.EVERY)
    assert Copied.objects.get().number == 2
    assert [one.whole for one in Verification.objects.all()] == [False, True], "what came since is looked at each time"
    assert len(file.read_text().splitlines()) == 2


def test_a_disk_that_refuses_is_said_and_tried_again(outside: Path, settings: Any, django_capture_on_commit_callbacks: Any) -> None:  # fmt: skip
    settings.ANCHORS_DIR = str(outside / "file" / "below")
    (outside / "file").write_text("")
    with django_capture_on_commit_callbacks(execute=True):
        anchoring.anchor(timezone.now())
    assert "NotADirectoryError" in Copied.objects.get().error or "FileExistsError" in Copied.objects.get().error
    settings.ANCHORS_DIR = str(outside / "there")
    assert anchoring.copy_outside() == 1
    assert Copied.objects.get().error == ""


def test_a_flipped_bit_is_named_by_command_page_and_rest(outside: Path, auditor: User, web: Any) -> None:
    entry = Entry.objects.get(event="incident.edited")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET remark = 'x' WHERE id = %s", [entry.pk])
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    said = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_audit", "--jobs", "1", stdout=said)
    assert f"entry {entry.pk} is not what was written" in said.getvalue()
    answer = bearer(token_of(auditor)).get("/api/v1/audit/verify/").json()
    assert answer["state"] == "broken"
    assert [one["entry"] for one in answer["findings"]] == [entry.pk]
    page = web(auditor).get("/audit/").content.decode()
    assert f"entry {entry.pk} is not what was written" in page
    assert f'<a href="/audit/{entry.pk}/">' in page


def test_a_folder_of_anchors_that_is_not_there_proves_nothing(outside: Path) -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("verify_audit", "--anchors", str(outside / "nowhere"), stdout=io.StringIO())


def _verified(*words: str) -> str:
    said = io.StringIO()
    call_command("verify_audit", "--jobs", "1", *words, stdout=said)
    return said.getvalue()


def test_since_an_instant_that_is_still_to_come_nothing_is_proven(outside: Path) -> None:
    with pytest.raises(CommandError, match=r"2999-01-01 07:00:00 UTC is still to come.*an instant that has been"):
        _verified("--since", "2999-01-01T08:00+01:00")
    with pytest.raises(CommandError, match="is no instant"):
        _verified("--since", "yesterday")
    for edge in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        with pytest.raises(CommandError, match="is no instant"):
            _verified("--since", edge)


def test_what_nobody_wrote_since_then_is_said_and_one_is_one(
    outside: Path, django_capture_on_commit_callbacks: Any
) -> None:
    newest = Entry.objects.latest("at").at
    with django_capture_on_commit_callbacks(execute=True):
        anchoring.anchor(newest)
    nothing = "Nothing was written since"
    assert nothing not in _verified("--since", newest.isoformat())
    said = _verified("--since", (newest + timedelta(microseconds=1)).isoformat())
    assert nothing in said
    assert ", 1 anchor, " in said
    assert "What was written before was not read" in said
    whole = _verified()
    assert nothing not in whole
    assert "was not read" not in whole
    after = (newest + timedelta(microseconds=1)).isoformat()
    documents = [
        json.loads(_verified("--json", *words)) for words in (("--since", after), ("--since", newest.isoformat()), ())
    ]
    assert [(one["findings"], one["written_since"]) for one in documents] == [([], False), ([], True), ([], None)]
    assert [one["whole"] for one in documents] == [False, False, True]


def test_anchors_are_posted_and_once_a_day_mailed(
    outside: Path, settings: Any, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.ANCHORS_MAIL = "auditor@example.org"
    now = (timezone.now() + timedelta(days=1)).replace(hour=11)  # ahead of the clock that dates what is owed
    with scripted() as server, django_capture_on_commit_callbacks(execute=True):
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        settings.ANCHORS_URL = f"{server.url}/anchors"
        for minutes in (0, 5):
            anchoring.anchor(now + timedelta(minutes=minutes))
        outbox.relay(now + timedelta(minutes=6))
    lines = list(Anchor.objects.order_by("number").values_list("line", flat=True))
    assert [one.body.decode() for one in server.asked] == lines
    assert [(one.to, lines[0] in one.body) for one in mailoutbox] == [(["auditor@example.org"], True)]


def test_everything_is_checked_when_somebody_asks_and_it_says_how_far_it_is(
    outside: Path, auditor: User, agent: User, web: Any
) -> None:
    client = web(auditor)
    assert "Verify all of it now" in client.get("/audit/").content.decode()
    assert client.post("/audit/check/").status_code == 302
    made = AskedCheck.objects.get()
    assert client.post("/audit/check/").status_code == 302  # asked again it is the same one
    assert AskedCheck.objects.count() == 1
    assert due.promised(asking.DUE, made.kind, made.pk) is not None
    AskedCheck.objects.update(done=1, of=4)
    assert "25 %" in client.get("/audit/check/").content.decode()
    assert web(agent).post("/audit/check/").status_code == 403
    at_commit()
    asking.carry_out(made.pk)
    made.refresh_from_db()
    assert (made.percent, made.ended_at is not None) == (100, True)
    assert due.promised(asking.DUE, made.kind, made.pk) is None
    newest = Verification.objects.first()
    assert newest is not None
    assert (newest.whole, newest.findings) == (True, [])
    assert "hx-get" not in client.get("/audit/check/").content.decode()


def test_a_check_that_was_killed_is_begun_anew(
    outside: Path, auditor: User, as_actor: Any, django_capture_on_commit_callbacks: Any
) -> None:
    at = timezone.now()
    made = asking.ask(actor=as_actor(auditor), at=at)
    with django_capture_on_commit_callbacks() as begun:
        due.sweep(at)
        due.sweep(at)  # it goes on
    assert len(begun) == 1
    with django_capture_on_commit_callbacks() as begun:
        due.sweep(at + timedelta(minutes=11))
    assert len(begun) == 1
    assert due.promised(asking.DUE, made.kind, made.pk) == at + timedelta(minutes=21)


def test_a_check_that_ended_by_a_clock_that_was_ahead_answers_nobody(auditor: User, as_actor: Any) -> None:
    at = timezone.now()
    ahead = AskedCheck.objects.create(asked_by_id=auditor.pk, asked_at=at, ended_at=at + timedelta(days=300))
    assert asking.ask(actor=as_actor(auditor), at=at) != ahead


def test_who_asks_again_within_a_minute_is_told_of_the_check_that_ended(
    outside: Path, auditor: User, admin: User, as_actor: Any, web: Any
) -> None:
    ended = timezone.now()
    made = AskedCheck.objects.create(asked_by_id=admin.pk, asked_at=ended, ended_at=ended)
    second = timedelta(seconds=1)
    assert asking.ask(actor=as_actor(auditor), at=ended + asking.FRESH - second) == made
    page = web(auditor).post("/audit/check/", follow=True).content.decode()
    assert "A check of all of it ended within the last minute" in page, "it may have begun long before"
    assert not Entry.objects.filter(event="user.audit_checked").exists(), "nobody had anything checked"
    assert asking.ask(actor=as_actor(auditor), at=ended + asking.FRESH) != made
    assert AskedCheck.objects.filter(ended_at=None).count() == 1


def test_administrators_hear_of_a_history_that_was_edited(outside: Path, admin: User, agent: User) -> None:
    at = timezone.now()
    checking.check(at, whole=True)
    assert not Notification.objects.filter(event="audit.broken").exists()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET remark = 'as if' WHERE event = 'incident.edited'")
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    checking.check(at, whole=True)
    told = Notification.objects.get(event="audit.broken")
    assert told.to == admin
    assert "is not what was written" in told.body
    checking.check(at + timedelta(hours=1), whole=True)
    assert Notification.objects.filter(event="audit.broken").count() == 1
    checking.check(at + timedelta(hours=50), whole=True)
    assert Notification.objects.filter(event="audit.broken").count() == 2


def test_all_of_it_is_checked_now_when_rest_asks_by_the_same_people_as_on_the_page(
    auditor: User, agent: User, api: Any
) -> None:
    here = "/api/v1/audit/verify/"
    assert api(agent).post(here, {}, format="json").status_code == 403
    assert api(auditor).post(here, {"whole": True}, format="json").status_code == 400
    assert not AskedCheck.objects.exists()
    client = api(auditor)
    assert client.get(here).json()["under_way"] is None
    first, again = (client.post(here, {}, format="json") for _ in range(2))
    assert first.status_code == 202
    assert first["Location"].endswith(here)
    assert first.json() == again.json() == {"asked_at": first.json()["asked_at"], "percent": 0, "ended_at": None}
    assert AskedCheck.objects.get().asked_by_id == auditor.pk
    assert client.get(here).json()["under_way"] == first.json()
    assert Entry.objects.filter(event="user.audit_checked", record_id=auditor.pk).count() == 1
