"""The whole desk answers a pipeline while its worker, web server, broker and database are killed, again and again.

Nothing is approved without its proof, nothing that was answered is lost, nothing that was asked once is there twice;
what was owed to receivers leaves, and what went out unasked is found. `make test` has its sample beside the gate
(`tests/changes/change/test_crashes.py`), where a death before each statement costs no desk.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from itsm.run import environment, launch, places
from tests.run.desks import PATIENCE, eventually
from tests.run.kills import Kills
from tests.run.test_faults import WholeDesk

# A run makes so many kills, or what its minutes allow; `tests/run/kills.py` adds runs up.
KILLS, MINUTES = int(os.environ.get("KILLS") or 50), 30
FULLY_EACH = 10  # after so many kills the dear questions are asked too: whole chain, every decision judged anew
TOLD = 30  # deployments that nobody asked about
FOUND = f"""
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from changes.delivery.models import DeploymentEvent
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.operations.ways_in import issue_token
from itsm.kernel.actors import Actor, Door
from tests.changes.scene import measured_service
from tests.factories.changes import a_model
now = timezone.now()
owner = User.objects.create(username="killed-owner", roles=["owner"])
keeper = User.objects.create(username="killed-keeper", roles=["engineer"])  # no interest in who approved the model
pipeline = User.objects.create(username="killed-pipeline", roles=["engineer"], account_type="service", owner=keeper)
service, _ = measured_service(slug="killed", name="Killed", tier=3)
a_model(service, actor_for(owner, Door.WEB), now)
for number in range({TOLD}):
    DeploymentEvent.objects.create(
        told_by="github", external_id=f"shop#{{number}}", service=service, environment="production",
        commit=f"{{number:040x}}", result="succeeded", started_at=now, finished_at=now,
        told_at=now - timedelta(minutes=5) + timedelta(seconds=8 * number),
    )
print("token", issue_token(pipeline, actor=Actor.system("tests", Door.COMMAND), name="ci")[1])
"""
# Each must be zero, whatever was killed and when.
BROKEN = {
    "approved by policy without its proof": """
        SELECT count(*) FROM changes_evaluation e LEFT JOIN changes_decision d ON d.id = e.decision_id
        WHERE e.status = 'approved' AND e.decided_by = 'policy'
          AND (d.id IS NULL OR NOT d.all_fresh OR e.outcome NOT IN ('approved', 'exception'))""",
    "runs without an authorisation of their own": """
        SELECT count(*) FROM changes_deployment r JOIN changes_evaluation e ON e.id = r.evaluation_id
        WHERE e.used_at IS NULL OR e.status <> 'approved'""",
    "authorisations used up without a run": """
        SELECT count(*) FROM changes_evaluation e LEFT JOIN changes_deployment r ON r.evaluation_id = e.id
        WHERE e.used_at IS NOT NULL AND r.id IS NULL""",
    "runs that are not one event": """
        SELECT count(*) FROM changes_deployment r
        WHERE (SELECT count(*) FROM changes_deploymentevent v WHERE v.deployment_id = r.id) <> 1""",
    "changes asked once and there twice": """
        SELECT count(*) FROM (SELECT summary FROM changes_change WHERE summary LIKE 'Release %'
                              GROUP BY summary HAVING count(*) > 1) AS twice""",
    "deployments found twice": """
        SELECT count(*) FROM (SELECT change_id FROM changes_deploymentevent WHERE standing = 'unauthorised'
                              GROUP BY change_id HAVING count(*) > 1) AS twice""",
}  # fmt: skip


# By the auditor's own rounds, in one program that answers each line: what does not hold. What somebody should have done by
# now is left out: they were killed.
HOLDS = """
import django; django.setup()
import json, sys
from django.db import DatabaseError, InterfaceError, connection
from itsm.invariants.rounds import round_of

def found(full):
    broken = {}
    for one in round_of(full=full):
        spared = {question.name for question in one.invariant.questions if question.punctual}
        rows = [[name, *row] for name, row in one.found if name not in spared]
        if rows or one.failed:
            broken[one.invariant.id] = rows[:5] or one.failed
    return broken

for line in sys.stdin:
    try:
        print(json.dumps(found(line == "everything\\n")), flush=True)
    except (DatabaseError, InterfaceError):
        connection.close()
        print("gone", flush=True)
"""


class Heard:
    """Receives call-backs, and keeps their names."""

    def __init__(self) -> None:
        self.names: list[str] = []
        heard = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                heard.names.append(self.headers["webhook-id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *said: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_address[1]


class Pipeline:
    """Asks, starts and finishes, one release after the other; what was not answered is asked again under its key."""

    def __init__(self, desk: WholeDesk, token: str, number: int, callback: str) -> None:
        self.desk, self.token, self.number, self.callback = desk, token, number, callback
        self.answered: list[str] = []
        self.enough = threading.Event()
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        turn = 0
        while not self.enough.is_set():
            turn += 1
            self._release(f"Release {self.number}.{turn}", f"sha256:{self.number * 100_000 + turn:064x}")

    def _release(self, name: str, digest: str) -> None:
        asked = {
            "service": "killed", "change_class": "standard", "summary": name, "backout": "Back.",
            "artifact": {"digest": digest, "version": name[8:]}, "callback": {"url": self.callback},
        }  # fmt: skip
        answer = self._until_answered("POST", "gate-evaluations/", asked, name)
        self.answered.append(name)
        if answer["status"] != "approved":
            return
        at = f"changes/{answer['change']['number']}/deployments/"
        started = self._until_answered("POST", at, {"artifact": {"digest": digest}}, f"{name} start")
        if "number" in started:
            self._until_answered("PATCH", f"{at}{started['number']}/", {"status": "succeeded"}, "")

    def _until_answered(self, method: str, path: str, body: dict[str, Any], key: str) -> Any:
        """A refusal is an answer; a server's failure, or silence, is none."""
        while True:
            try:
                return self._send(method, path, body, key)
            except (OSError, ValueError):
                time.sleep(0.2)

    def _send(self, method: str, path: str, body: dict[str, Any], key: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key.replace(" ", "-")} if key else {}
        url = f"http://127.0.0.1:{self.desk.port}/api/v1/{path}"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            if refused.code >= 500 or refused.code in {409, 429}:  # 409: its first try is still at work
                said = json.load(refused)
                if refused.code == 409 and "deployment" in said:
                    return said["deployment"]  # it runs already: the answer to the first start was lost
                if refused.code == 409 and said.get("type", "").endswith("wrong-state"):
                    return said
                raise OSError from refused
            return json.load(refused)


@pytest.fixture
def heard() -> Iterator[Heard]:
    made = Heard()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def whole(tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> Iterator[WholeDesk]:
    allowed = {"HEADROOM_OUTGOING_ALLOW": f"127.0.0.1:{heard.port}"}
    monkeypatch.setattr("tests.run.test_faults.strangers", lambda: {**os.environ, **allowed})
    for name in [name for name in os.environ if environment.is_ours(name)]:
        monkeypatch.delenv(name)
    made = WholeDesk(tmp_path)
    yield made
    if made.process and made.process.poll() is None:
        made.process.send_signal(signal.SIGTERM)
        made.process.wait(PATIENCE)
    launch.stop_orphans(tmp_path)


def _founded(desk: WholeDesk) -> str:
    """The token of a pipeline whose service has a budget and a model."""
    surroundings = environment.full(desk.settings) | {"DJANGO_SETTINGS_MODULE": "itsm.settings"}
    said = subprocess.run(
        [sys.executable, "-c", FOUND], cwd=places.ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    return said.stdout.split("token ")[1].strip()


# One of the database's processes: the server ends all the others at once, and recovers as from a crash.
OTHERS = """
SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random()
"""


def _kill(desk: WholeDesk, what: str) -> None:
    """One that runs, once it does: what is not there was not killed."""
    eventually(lambda: _is_killed(desk, what))


def _is_killed(desk: WholeDesk, what: str) -> bool:
    try:
        pid = int(str(desk.ask(OTHERS))) if what == "database" else desk.children()[what].pid
        os.kill(pid, signal.SIGKILL)
    except (psycopg2.Error, KeyError, ValueError, ProcessLookupError):
        return False
    return True


class Auditor:
    """Asked what does not hold, once the database answers: a question that died with it is asked again."""

    def __init__(self, desk: WholeDesk) -> None:
        surroundings = environment.full(desk.settings) | {"DJANGO_SETTINGS_MODULE": "itsm.settings"}
        words = [sys.executable, "-c", HOLDS]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.program = subprocess.Popen(words, cwd=places.ROOT, env=surroundings, **pipes)

    def broken(self, *, fully: bool = False) -> dict[str, Any]:
        said = [""]

        def ask() -> bool:
            assert self.program.stdin is not None
            assert self.program.stdout is not None
            self.program.stdin.write("everything\n" if fully else "?\n")
            self.program.stdin.flush()
            said[0] = self.program.stdout.readline()
            assert said[0], "the auditor's program ended"
            return said[0] != "gone\n"

        eventually(ask)
        found: dict[str, Any] = json.loads(said[0])
        return found

    def end(self) -> None:
        self.program.communicate()


def _asked(desk: WholeDesk, query: str) -> int:
    """As soon as the database answers."""
    found: list[int] = []

    def ask() -> bool:
        try:
            found.append(int(str(desk.ask(query))))
        except psycopg2.Error:
            return False
        return True

    eventually(ask)
    return found[-1]


@pytest.mark.heavy
@pytest.mark.timeout(3600)
@pytest.mark.skipif(os.environ.get("PROOF") != "full", reason="15 minutes: make prove")
def test_kills_lose_nothing_double_nothing_and_approve_nothing_unproven(whole: WholeDesk, heard: Heard) -> None:
    desk = whole.up()
    token = _founded(desk)
    callback = f"http://127.0.0.1:{heard.port}/told"
    pipelines = [Pipeline(desk, token, number, callback) for number in range(3)]
    eventually(lambda: all(one.answered for one in pipelines))
    chance, auditor, kills = random.Random(), Auditor(desk), Kills("gate", KILLS, MINUTES)
    for turn in kills.turns():
        victim = ("worker", "web", "database", "valkey", "outward")[turn % 5]
        _kill(desk, victim)
        time.sleep(chance.uniform(1, 4))
        for name, query in BROKEN.items():
            assert _asked(desk, query) == 0, f"{name}, after kill {turn + 1}"
        assert auditor.broken(fully=turn % FULLY_EACH == 0) == {}, f"after kill {turn + 1}"
        kills.holds(victim)
    assert auditor.broken(fully=True) == {}
    auditor.end()
    before = [len(one.answered) for one in pipelines]
    eventually(lambda: all(len(one.answered) > was for one, was in zip(pipelines, before, strict=True)))
    for one in pipelines:
        one.enough.set()
        one.thread.join(PATIENCE)
    answered = [name for one in pipelines for name in one.answered]
    there = _asked(desk, "SELECT count(*) FROM changes_change WHERE summary LIKE 'Release %'")
    assert there == len(answered) == len(set(answered))
    eventually(
        lambda: _asked(
            desk, "SELECT count(*) FROM notifications_delivery WHERE channel = 'gate_callback' AND delivered_at IS NULL"
        ) == 0
    )  # fmt: skip
    owed = _asked(desk, "SELECT count(*) FROM notifications_delivery WHERE channel = 'gate_callback'")
    assert len(set(heard.names)) == owed > 0
    eventually(lambda: _asked(desk, "SELECT count(*) FROM changes_deploymentevent WHERE standing = 'waiting'") == 0)
    found = "SELECT count(*) FROM changes_change WHERE change_class = 'unauthorised'"
    assert _asked(desk, found) == TOLD
    for name, query in BROKEN.items():
        assert _asked(desk, query) == 0, name
    print(f"{len(answered)} releases answered, {owed} call-backs heard {len(heard.names)} times; {kills.told()}")
