"""Two installations whose mailboxes write to each other: each with its own database, key and files, over a real dovecot
and real SMTP. Each says one thing, and then it is quiet."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from psycopg2 import sql

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.clocks import due
from itsm.invariants import reading
from itsm.kernel.actors import Door
from itsm.mail import fetching
from itsm.mail.models import Mailbox
from itsm.mail.senders import guest
from itsm.notifications.lanes import Lane
from tests.databases import drop, send_away
from tests.itsm.mail.conftest import relay
from tests.itsm.mail.dovecot import Dovecot, dovecot
from tests.itsm.scripted_server import an_authority
from tests.itsm.smtp_sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
OURS, THEIRS = "payments@desk.example", "ops@desk.example"
STRIPPED = ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "Return-Path")


class Desk:
    """One installation: `standing` in it, everything is its own."""

    def __init__(self, database: str, address: str, home: Path) -> None:
        self.database, self.address, self.home, self.key = database, address, home, secrets.token_hex(32)
        self.sent: list[Message] = []

    @contextmanager
    def standing(self) -> Iterator[None]:
        before = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = self.database
        try:
            with override_settings(SECRET_KEY=self.key, FILES_DIR=str(self.home / "files")):
                yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before

    def found(self, server: Dovecot) -> None:
        """A team with its mailbox, open to everybody, and somebody who works there."""
        team = Team.objects.create(slug="desk", name="Desk", takes_work=True)
        agent = User.objects.create(username="ada", name="Ada", roles=["agent"])
        Membership.objects.create(team=team, user=agent)
        Mailbox.objects.create(
            slug="desk", address=self.address, team=team, is_open=True, is_default=True, host="127.0.0.1",
            port=server.port, credential="mail", authority="ours",
            connected_at=timezone.now() - timedelta(seconds=2),
        )  # fmt: skip

    def turn(self, sink: Sink, server: Dovecot, strips: tuple[str, ...]) -> None:
        """It reads what came, applies it, and sends what it owes; that is delivered."""
        with self.standing():
            assert fetching.fetch(Mailbox.objects.get(), timezone.now()).error == ""
            due.sweep(timezone.now(), lanes=(Lane.INTAKE,))
            relay()
        for to, mail in sink.mails:
            self.sent.append(mail)
            for name in strips:
                del mail[name]
            for address in to:
                server.put(address, mail.as_bytes())
        sink.mails.clear()


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    name = connection.settings_dict["NAME"]
    other = f"{name}_other"
    connection.close()
    reading.close()  # the auditor's, where a test of before asked as it
    beside = psycopg2.connect(**{**connection.get_connection_params(), "dbname": "postgres"})
    beside.autocommit = True
    with beside.cursor() as cursor:
        drop(cursor, other)
        send_away(cursor, name)
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(other), sql.Identifier(name))
        cursor.execute(made)
    yield Desk(name, OURS, tmp_path / "ours"), Desk(other, THEIRS, tmp_path / "theirs")
    connection.close()
    with beside.cursor() as cursor:
        drop(cursor, other)
    beside.close()


@pytest.mark.parametrize("strips", [(), STRIPPED], ids=["as it is", "a server between strips what says so"])
def test_two_desks_that_are_wired_together_say_one_thing_each(
    desks: tuple[Desk, Desk], sink: Sink, settings: Any, tmp_path: Path, strips: tuple[str, ...]
) -> None:
    authority = an_authority(tmp_path)
    certificate, key = authority.sign("dovecot", "IP:127.0.0.1")
    (tmp_path / "mail").write_text("secret")
    (tmp_path / "ours.ca").write_bytes((authority.folder / "ca.pem").read_bytes())
    settings.SECRETS_DIR = str(tmp_path)
    ours, theirs = desks
    with dovecot(certificate=certificate, key=key) as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        for desk in desks:
            with desk.standing():
                desk.found(server)
        with theirs.standing():  # somebody there answers a caller who is our mailbox
            agent = actor_for(User.objects.get(username="ada"), Door.WEB)
            incident = operations.open_incident(
                actor=agent, title="Where is it?", caller=guest(OURS, "Payments"), team=Team.objects.get(slug="desk")
            )
            incident = operations.acknowledge(incident, actor=agent)
            operations.reply(incident, actor=agent, text="Where is your parcel?")
        for _round in range(6):
            for desk in (theirs, ours):
                desk.turn(sink, server, strips)
        opened = {}
        for desk in desks:
            with desk.standing():
                opened[desk.address] = Incident.objects.count()
    assert opened == {OURS: 1, THEIRS: 1}
    assert len(ours.sent) == 1, [mail["Subject"] for mail in ours.sent]
    answers = [mail for mail in theirs.sent if "Where is it?" not in str(mail["Subject"])]
    assert len(answers) <= 1
    assert len(theirs.sent) <= 3, [mail["Subject"] for mail in theirs.sent]
