"""Two whole nodes on one PostgreSQL, through pgbouncer in transaction mode, and one Valkey; one of them is killed.

Each has web server, worker, scheduler, lanes and watch. A balancer of the test's own asks the other node where one does
not answer, as any does: what was asked by GET, or carries a key of idempotency.
"""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from itsm.notifications.lanes import Lane
from itsm.run import environment, ports, prepare, processes, programs
from itsm.run.child import Child
from itsm.run.servers import Servers
from tests.itsm.smtp_sink import Sink
from tests.run.desks import eventually
from tests.run.pooler import PROGRAM, Pooler

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(os.environ.get("PROOF") != "full", reason="minutes: make prove"),
    pytest.mark.skipif(not Path(PROGRAM).exists(), reason="pgbouncer is not installed"),
]
MAILS = 100
FOUND = """
from django.utils import timezone
from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.notifications import outbox
user = User.objects.create_user("ada", "a long enough password", roles=["engineer"], email="ada@example.com")
token, secret = accounts.issue_token(user, name="load", actor=Actor.system("test", Door.COMMAND))
for n in range({mails}):
    outbox.enqueue("link", {{"purpose": "reset", "user": user.pk}}, aggregate=f"ada {{n}}", key=f"n{{n}}")
print(secret)
"""
_OWED = "SELECT count(*) FROM notifications_delivery WHERE delivered_at IS NULL AND channel = 'link'"
_WHY = """
SELECT channel, lane, attempts, last_error, count(*) FROM notifications_delivery WHERE delivered_at IS NULL
GROUP BY 1, 2, 3, 4
"""
_MORE = """
INSERT INTO notifications_delivery (channel, lane, key, aggregate, payload, created_at, due_at, attempts, last_error)
SELECT channel, lane, 'm' || key, 'm' || key, payload, now(), now(), 0, '' FROM notifications_delivery
WHERE channel = 'link' RETURNING id
"""
_MADE = "SELECT count(*) FROM incidents_incident"
_ASKED = "SELECT count(DISTINCT title) FROM incidents_incident"
_LATE = """
SELECT count(*) FROM clocks_due
WHERE done_at IS NULL AND given_up_at IS NULL AND at < now() - interval '2 minutes'
"""


@dataclass
class Nodes:
    """The ports of both, and how often the balancer had to ask the other one."""

    ports: list[int]
    retried: int = 0
    failed: list[str] = field(default_factory=list)
    answered: int = 0

    def ask(self, turn: int, path: str, token: str, body: dict[str, str] | None = None, key: str = "") -> int:
        for n in range(20):
            port = self.ports[(turn + n) % 2]
            headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
            data = None
            if body is not None:
                headers |= {"Content-Type": "application/json", "Idempotency-Key": key}
                data = json.dumps(body).encode()
            asked = urllib.request.Request(f"http://{ports.HOST}:{port}{path}", data, headers)
            try:
                with urllib.request.urlopen(asked, timeout=30) as answer:
                    answer.read()
                    self.answered += 1
                    return int(answer.status)
            except urllib.error.HTTPError as refused:
                if refused.code not in {409, 502, 503}:  # 409: the same key is still at work
                    self.failed.append(f"{path}: {refused.code} {refused.read()[:200]!r}")
                    return refused.code
            except OSError:
                pass
            self.retried += 1
            time.sleep(0.1)
        self.failed.append(f"{path}: nobody answered")
        return 0


@dataclass
class House:
    folder: Path
    settings: dict[str, str]
    owner: str
    nodes: list[list[Child]]
    ports: list[int]

    def count(self, query: str) -> int:
        return int((self.rows(query) or [(0,)])[0][0])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        known = psycopg2.connect(self.owner)
        try:
            with known, known.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        finally:
            known.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as made:
        yield made


@pytest.fixture
def house(tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "itsm.settings")  # those of tests send no mail
    servers = Servers(tmp_path, throw_away=True)
    found = servers.start()
    settings = environment.untouched(tmp_path, 0, found)
    prepare.tables(tmp_path, settings)
    known = psycopg2.extensions.parse_dsn(found["DATABASE_URL"])
    between = tmp_path / "pooler"
    between.mkdir()
    pooler = Pooler(between, known, size=12)
    settings |= {
        "DATABASE_URL": found["DATABASE_URL"].replace(f":{known['port']}/", f":{pooler.port}/"),
        "HEADROOM_POOLED": "on", "HEADROOM_EMAIL_HOST": "127.0.0.1", "HEADROOM_EMAIL_PORT": str(sink.port),
        "WEB_CONCURRENCY": "1",
    }  # fmt: skip
    nodes, taken = [], []
    for name in ("a", "b"):
        folder, port = tmp_path / name, ports.free()
        folder.mkdir()
        nodes.append(programs.programs(folder, port, settings | {"HEADROOM_NODE": name, "HEADROOM_BACKUP_HOURS": "0"}))
        taken.append(port)
    made = House(tmp_path, settings, found["DATABASE_OWNER_URL"], nodes, taken)
    yield made
    for child in [one for node in nodes for one in node]:
        child.kill()
        child.wait_stopped(60)  # and is nobody's zombie
        print(f"{child.folder.name} {child.name}: {child.last_lines(6)}")
    pooler.stop()
    servers.stop()


def test_work_is_done_once_by_two_nodes_and_goes_on_when_one_is_killed(house: House, sink: Sink) -> None:
    token = prepare.run(house.settings, ["shell", "--no-imports", "-c", FOUND.format(mails=MAILS)], False, -1)
    assert token.returncode == 0, token.stdout
    secret = token.stdout.strip().splitlines()[-1]
    for child in [one for node in house.nodes for one in node]:
        child.start()
    both = Nodes(house.ports)
    eventually(lambda: all(is_ready(port) for port in house.ports), 300)
    enough = threading.Event()

    def load(n: int) -> None:
        turn = 0
        while not enough.wait(0.05):
            turn += 1
            assert both.ask(turn, "/api/v1/incidents/", secret) == 200
            key = f"{n}-{turn}"
            assert both.ask(turn, "/api/v1/incidents/", secret, {"title": f"Load {key}"}, key) == 201

    threads = [threading.Thread(target=load, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: both.answered > 60 or both.failed, 300)
        eventually(lambda: len(sink.mails) >= MAILS, 300)
        assert len(house.rows(_MORE)) == MAILS
        eventually(lambda: len(sink.mails) > MAILS + 10, 300)
        for child in house.nodes[0]:
            assert child.process
            processes.end_family(child.process.pid)  # kill -9 of everything on that node
        killed_at = both.answered
        eventually(lambda: both.answered > killed_at + 100 or both.failed, 300)
        assert both.failed == []
        try:
            eventually(lambda: len(sink.mails) >= 2 * MAILS and house.count(_OWED) == 0, 300)
        finally:
            print(f"{len(sink.mails)} mails came, owed still: {house.rows(_WHY)}")
    finally:
        enough.set()
        for thread in threads:
            thread.join(60)
    assert both.failed == []
    sent = Counter(mail["Message-ID"] for _to, mail in sink.mails)
    assert len([one for one in sent if one.startswith("<link-")]) == 2 * MAILS
    twice = sum(number - 1 for number in sent.values())
    made, asked, waited = house.count(_MADE), house.count(_ASKED), house.count(_LATE)
    print(
        f"{both.answered} answered, {both.retried} asked of the other node, {len(both.failed)} failed, {made} incidents,"
        f" {twice} mails twice, {waited} late"
    )
    assert made == asked, "one key, one incident, whichever node took it"
    assert twice <= Lane.MAIL.manner.threads, "at most those that the killed node was just sending"
    assert waited == 0


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{ports.HOST}:{port}/readyz", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
