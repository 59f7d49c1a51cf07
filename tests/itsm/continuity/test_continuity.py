"""How backups stand: what is told of which age, who reads it, and that nothing of it can be changed."""

import io
import json
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.clocks.management.commands import watch_response
from itsm.configuration import reading
from itsm.continuity import operations, proving, queries, telling
from itsm.continuity.models import ContinuityRun
from itsm.continuity.vocabulary import BACKUP_AGE, DRILL_AGE, What
from itsm.files import store
from itsm.kernel.errors import NotPermitted
from itsm.notifications import outbox, outgoing, quarantine
from itsm.notifications.models import Notification, Quarantine
from tests.api.world import World, token_of
from tests.conftest import SYSTEM
from tests.itsm.smtp_sink import Sink

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


def ran(what: What, ended_at: datetime, problem: str = "") -> ContinuityRun:
    facts = {"bytes": 5_000_000, "rows": 1_234_567, "files": 3, "folder": "20261129T110000Z", "seconds": 51.2, "checks": [
        {"check": "rows", "holds": True, "said": "1,234,567 rows", "seconds": 3.0},
        {"check": "audit chain", "holds": None, "said": "this version has none", "seconds": 0.0},
    ]}  # fmt: skip
    began = ended_at - timedelta(minutes=1)
    return operations.note(
        what, actor=SYSTEM, began_at=began, ended_at=ended_at, of_at=ended_at, problem=problem, facts=facts
    )


def told(at: datetime) -> list[str]:
    return [one.remedy for one in queries.standing(at).warnings]


def test_what_is_old_is_told_from_the_very_instant_on() -> None:
    assert told(AT) == ["make backup", "make drill"]
    ran(What.BACKUP, AT)
    ran(What.DRILL, AT)
    assert told(AT + BACKUP_AGE) == []
    assert told(AT + BACKUP_AGE + timedelta(seconds=1)) == ["make backup"]
    assert told(AT + DRILL_AGE + timedelta(seconds=1)) == ["make backup", "make drill"]


def test_a_failure_is_told_until_one_passes_and_counts_as_no_backup() -> None:
    ran(What.BACKUP, AT)
    ran(What.DRILL, AT)
    ran(What.DRILL, AT + timedelta(hours=1), problem="these checks failed: attachments\nand more")
    (one,) = queries.standing(AT + timedelta(hours=1)).warnings
    assert one.text == "The last restore drill failed: these checks failed: attachments"
    ran(What.DRILL, AT + timedelta(hours=2))
    assert told(AT + timedelta(hours=2)) == []


def test_a_run_is_written_down_by_commands_alone_and_never_changed(admin: User, as_actor: Callable[..., Any]) -> None:
    with pytest.raises(NotPermitted):
        operations.note(What.BACKUP, actor=as_actor(admin), began_at=AT, ended_at=AT)
    made = ran(What.BACKUP, AT)
    assert Entry.objects.get(record_kind="continuity_run", record_id=made.pk).event == "continuity_run.backup"
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        ContinuityRun.objects.update(passed=False)


def test_the_command_keeps_what_it_is_told_and_names_what_it_cannot_read(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "what": "drill",
        "began_at": AT.isoformat(),
        "ended_at": AT.isoformat(),
        "of_at": AT.isoformat(),
        "facts": {"rows": 1},
    }
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(said)))
    call_command("note_continuity", stdout=io.StringIO())
    kept = ContinuityRun.objects.get()
    assert (kept.what, kept.passed, kept.facts, kept.of_at) == ("drill", True, {"rows": 1}, AT)
    for wrong in ("{", '{"what": "drill"}', '{"what": "dance"}', "[]"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(wrong))
        with pytest.raises(CommandError, match="not how a run"):
            call_command("note_continuity")


def test_page_and_desk_say_how_it_stands(world: World, admin: User, web: Callable[[User], Client]) -> None:
    page = web(admin).get("/settings/backups/").content.decode()
    assert "None was taken yet." in page
    assert "This desk was never backed up." in web(admin).get("/").content.decode()
    ran(What.BACKUP, timezone.now())
    ran(What.DRILL, timezone.now())
    page = web(admin).get("/settings/backups/").content.decode()
    assert "1,234,567" in page
    assert "make backup" not in page
    assert "How backups stand" not in web(admin).get("/").content.decode()


def test_operators_read_how_the_desk_is_run(admin: User, agent: User, web: Callable[[User], Client]) -> None:
    ran(What.BACKUP, timezone.now())
    said = web(admin).get("/healthz/").json()
    assert said["database"] == "ok"
    assert said["node"]
    assert said["replica"] is None
    assert said["warnings"] == ["No backup of this desk was ever restored on trial."]
    assert web(agent).get("/healthz/").status_code == 403


def test_files_that_are_gone_or_altered_are_named(world: World) -> None:
    checks = {found.check: found for found in islice(proving.proven(AT), 3)}
    assert checks["attachments"].holds
    assert not checks["outgoing"].holds, "nothing is held here"
    place: Path = store.place_of(world.attachment.sha256)
    kept = place.read_bytes()
    try:
        for harm in (lambda: place.write_bytes(b"another line"), place.unlink):
            harm()
            found = next(proving.proven(AT))
            assert found.holds is False
            assert world.attachment.sha256[:12] in found.said
    finally:
        place.write_bytes(kept)


class Heard(BaseHTTPRequestHandler):
    """Counts who came."""

    came: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.came.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Nothing on the screen."""


def test_listeners_hear_nothing_of_what_was_restored_until_it_is_released(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web server and a mail server: what asks them directly, what the watch says outside, and what is owed."""
    monkeypatch.setattr(reading, "_kept", reading._Kept())
    monkeypatch.setattr(Heard, "came", [])
    web = HTTPServer(("127.0.0.1", 0), Heard)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{web.server_port}/heartbeat"
    settings.CONFIGURATION_SECONDS, settings.OUTGOING_ALLOW = 0.0, [f"127.0.0.1:{web.server_port}"]
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "itsm.notifications.mail.AsConfigured", "127.0.0.1"
    settings.HEARTBEAT_URL = address
    Quarantine.objects.create(reason="restored")
    person = User.objects.create_user("grace", "a long enough password", roles=["engineer"], email="grace@example.com")
    outbox.enqueue("link", {"purpose": "reset", "user": person.pk}, aggregate="grace")
    with Sink() as mail:
        settings.EMAIL_PORT = mail.port

        def everything() -> None:
            with suppress(outgoing.OutgoingRefused):
                outgoing.fetch("GET", address)
            watch_response.Command().beat()
            with suppress(OSError):
                EmailMessage("Now", "words", to=["grace@example.com"]).send()
            outbox.relay(timezone.now())

        everything()
        assert (Heard.came, mail.mails) == ([], [])
        quarantine.release(timezone.now(), actor=SYSTEM)
        reading.forget()
        everything()
        assert Heard.came == ["/heartbeat", "/heartbeat"]
        assert len(mail.mails) == 2
    web.shutdown()
    web.server_close()


def test_what_was_restored_connects_to_nobody_and_opens_to_no_token_until_it_is_released(
    world: World, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(settings, "CONFIGURATION_SECONDS", 0.0)
    monkeypatch.setattr(reading, "_kept", reading._Kept())
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token_of(world.people['engineer'])}"}
    assert client.get("/api/v1/services/", **bearer).status_code == 200
    Quarantine.objects.create(reason="restored")
    answer = client.get("/api/v1/services/", **bearer)
    assert (answer.status_code, answer.json()["type"].rstrip("/").rpartition("/")[2]) == (401, "token-withheld")
    with pytest.raises(outgoing.OutgoingRefused, match="restored from a backup"):
        outgoing.fetch("GET", "http://198.51.100.7/")
    quarantine.release(timezone.now(), actor=SYSTEM)
    reading.forget()
    assert client.get("/api/v1/services/", **bearer).status_code == 200
    with pytest.raises(outgoing.OutgoingRefused, match="private address"):
        outgoing.fetch("GET", "http://127.0.0.1:9/")


def test_administrators_hear_of_old_backups_once_a_day(admin: User, agent: User) -> None:
    User.objects.update(created_at=AT - timedelta(hours=1))
    assert telling.tell(AT) == 0  # a new desk has a day for its first
    User.objects.update(created_at=AT - timedelta(days=30))
    ran(What.BACKUP, AT - timedelta(hours=1))
    ran(What.DRILL, AT - timedelta(days=1))
    assert telling.tell(AT) == 0
    assert telling.tell(AT + timedelta(hours=23, minutes=1)) == 1
    told = Notification.objects.get()
    assert (told.to, told.event) == (admin, "backup.old")
    Notification.objects.update(created_at=AT + timedelta(hours=23, minutes=1))
    assert telling.tell(AT + timedelta(hours=30)) == 0
    assert telling.tell(AT + timedelta(hours=47)) == 1
    ran(What.DRILL, AT - timedelta(hours=2), problem="the chain does not hold")
    assert telling.tell(AT) == 1  # a trial that failed is told before it is old
