"""The whole desk under load while its parts are stopped and killed by signals: work goes on, nothing owed is lost.

In full (`make prove`) the broker is stopped ten times for 20 seconds and killed five times, and the web server's
master killed five times; `make test` has a sample of each piece in `test_parts`, `itsm/test_broker` and below.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from kombu import Connection

from itsm.run import launch, places, processes
from itsm.run.valkey import Valkey
from tests.run.desks import PATIENCE, Desk, eventually, strangers

SERVE = "import sys; from pathlib import Path; from itsm.run.serve import serve; serve(Path(sys.argv[1]))"


class WholeDesk(Desk):
    """Web, worker, scheduler and both servers, as `make run` starts them."""

    def launch(self) -> None:
        with (self.folder / "words").open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(self.folder)],
                cwd=places.ROOT,
                env=strangers() | {"PORT": str(self.port), "HEADROOM_DEMO": "off"},
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )

    def up(self) -> "WholeDesk":
        self.launch()
        eventually(lambda: "ready\n" in self.words or self.finished())
        assert not self.finished(), self.words
        return self

    def pid(self, name: str) -> int:
        return self.children()[name].pid

    def ask(self, query: str) -> object:
        connection = psycopg2.connect(self.settings["DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]
        finally:
            connection.close()


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[WholeDesk]:
    made = WholeDesk(tmp_path)
    yield made
    if made.process and made.process.poll() is None:
        made.process.send_signal(signal.SIGTERM)
        made.process.wait(PATIENCE)
    launch.stop_orphans(tmp_path)


@contextmanager
def going_on(work: Callable[[], None], threads: int = 1) -> Iterator[None]:
    """The work again and again beside the test, whatever it runs into."""
    enough = threading.Event()

    def again() -> None:
        while not enough.wait(0.02):
            try:
                work()
            except Exception:  # what is broken on purpose refuses
                enough.wait(0.2)

    running = [threading.Thread(target=again, daemon=True) for _ in range(threads)]
    for thread in running:
        thread.start()
    yield
    enough.set()
    for thread in running:
        thread.join(PATIENCE)


SWEPT = "SELECT extract(epoch FROM max(swept_at)) FROM clocks_heartbeat WHERE worker LIKE 'celery@%'"
PAGING = "SELECT extract(epoch FROM max(swept_at)) FROM clocks_heartbeat WHERE worker LIKE 'paging@%'"
# Owed over a channel that nobody knows: each is tried, stays owed and says why. Nothing of it may be lost.
OWE = """
INSERT INTO notifications_delivery (channel, key, aggregate, payload, created_at, attempts, last_error)
VALUES ('nobody', gen_random_uuid()::text, gen_random_uuid()::text, '{}', now(), 0, '') RETURNING id
"""
UNTRIED = "SELECT count(*) FROM notifications_delivery WHERE channel = 'nobody' AND attempts = 0"


def nudges(desk: WholeDesk) -> Callable[[], None]:
    """As the web server publishes them, without a pause."""
    message = {"task": "itsm.notifications.tasks.relay", "id": "", "lang": "py"}

    def nudge() -> None:
        options = {"socket_timeout": 1, "socket_connect_timeout": 1}
        with Connection(desk.settings["REDIS_URL"], transport_options=options) as connection:
            producer = connection.Producer()
            for _ in range(200):
                key = os.urandom(8).hex()
                producer.publish(
                    [[], {}, {}], routing_key="celery", headers=message | {"id": key}, correlation_id=key, priority=9,
                    expiration=5,
                )  # fmt: skip
                time.sleep(0.01)

    return nudge


def back_after(desk: WholeDesk, what: str) -> float:
    """Seconds until a sweep was finished that began after now, and the desk calls itself ready."""
    began, since = time.monotonic(), time.time()
    eventually(lambda: float(str(desk.ask(SWEPT))) > since)
    took = time.monotonic() - began
    print(f"{what}: work goes on after {took:.1f} s")
    return took


@pytest.mark.heavy
@pytest.mark.timeout(1500)
@pytest.mark.skipif(os.environ.get("PROOF") != "full", reason="15 minutes: make prove")
def test_the_broker_stopped_ten_times_and_killed_five_times_under_load(whole: WholeDesk) -> None:
    desk = whole.up()
    worker = desk.pid("worker")
    with going_on(nudges(desk)), going_on(lambda: desk.ask(OWE) and time.sleep(0.2)):  # type: ignore[func-returns-value]
        eventually(lambda: desk.ask(SWEPT) is not None)
        took = []
        for n in range(10):
            time.sleep(5)
            stopped = desk.pid("valkey")
            os.kill(stopped, signal.SIGSTOP)
            time.sleep(20)
            os.kill(stopped, signal.SIGCONT)
            took.append(back_after(desk, f"stop {n + 1}"))
        for n in range(5):
            time.sleep(11)
            os.kill(desk.pid("valkey"), signal.SIGKILL)
            took.append(back_after(desk, f"kill {n + 1}"))
    eventually(lambda: desk.ask(UNTRIED) == 0)  # each that was owed was tried: none was lost
    assert desk.pid("worker") == worker, "the worker itself reconnected; nobody had to end it"
    assert max(took) < 60


@pytest.mark.heavy
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.environ.get("PROOF") != "full", reason="3 minutes: make prove")
def test_a_worker_that_consumes_nothing_is_ended_and_started_anew(whole: WholeDesk) -> None:
    desk = whole.up()
    eventually(lambda: desk.ask(SWEPT) is not None and desk.ask(PAGING) is not None)
    deaf = {name: desk.pid(name) for name in ("worker", "paging")}
    for pid in deaf.values():
        os.kill(pid, signal.SIGSTOP)  # it is there, it has its port and its processes, and it does nothing
    for name, pid in deaf.items():
        eventually(lambda name=name: f"{name} is alive but finished nothing for 90 s" in desk.words)  # type: ignore[misc]
        eventually(lambda name=name, pid=pid: desk.children().get(name) and desk.pid(name) != pid)  # type: ignore[misc]
    assert back_after(desk, "a worker that was stopped") < 60
    since = time.time()
    eventually(lambda: float(str(desk.ask(PAGING))) > since)


def answered_by(desk: WholeDesk) -> Callable[[], None]:
    def ask() -> None:
        urllib.request.urlopen(f"http://127.0.0.1:{desk.port}/sign-in/", timeout=5).close()

    return ask


@pytest.mark.heavy
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.environ.get("PROOF") != "full", reason="2 minutes: make prove")
def test_a_killed_web_master_is_back_under_load_every_time(whole: WholeDesk) -> None:
    desk = whole.up()
    with going_on(answered_by(desk), threads=8):
        for n in range(5):
            time.sleep(11)
            before = desk.pid("web")
            os.kill(before, signal.SIGKILL)
            began = time.monotonic()
            eventually(lambda: desk.children().get("web") and desk.pid("web") != before)  # noqa: B023
            eventually(lambda: is_well(answered_by(desk)))
            print(f"web master {n + 1}: answers again after {time.monotonic() - began:.1f} s")
            with pytest.raises(ProcessLookupError):
                os.killpg(before, 0)


def is_well(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (urllib.error.URLError, OSError):
        return False
    return True


SMALL = """
import time
from celery import Celery

app = Celery("small", broker=%r)
app.conf.update(
    broker_transport="itsm.broker:Transport", task_acks_late=True, task_ignore_result=True,
    worker_prefetch_multiplier=1, worker_enable_prefetch_count_reduction=False, task_default_queue="small",
    broker_transport_options={"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "health_check_interval": 1},
)

@app.task(name="work")
def work(n):
    time.sleep(1)
    print("done", n, flush=True)
"""


def test_a_worker_whose_acknowledgements_were_lost_goes_on(tmp_path: Path) -> None:
    """Both places taken, the broker stopped until both acknowledgements are lost, and let go."""
    server = Valkey(tmp_path)
    server.start()
    (tmp_path / "small.py").write_text(SMALL % server.url)
    words = [sys.executable, "-m", "celery", "-A", "small", "worker", "-c", "2", "--loglevel", "info",
             "--without-gossip", "--without-mingle"]  # fmt: skip
    log = tmp_path / "log"
    surroundings = strangers() | {"PYTHONPATH": f"{tmp_path}:{places.ROOT}", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as out:
        worker = subprocess.Popen(words, cwd=tmp_path, env=surroundings, stdout=out, stderr=out, start_new_session=True)
    try:
        eventually(lambda: "ready." in log.read_text())
        publish(server.url, range(2))
        eventually(lambda: log.read_text().count("received") == 2)
        assert server.child.process
        os.kill(server.child.process.pid, signal.SIGSTOP)
        eventually(lambda: log.read_text().count("done") == 2)
        eventually(lambda: "Couldn't ack" in log.read_text())
        time.sleep(5)  # the other acknowledgement meets the silent broker as well
        os.kill(server.child.process.pid, signal.SIGCONT)
        publish(server.url, range(2, 6))
        eventually(lambda: all(f"-{n}] succeeded" in log.read_text() for n in range(6)))
        assert worker.poll() is None
    finally:
        processes.end_family(worker.pid)
        worker.wait(PATIENCE)
        server.stop()
        print(log.read_text()[-4000:])


def publish(url: str, numbers: range) -> None:
    with Connection(url) as connection:
        producer = connection.Producer()
        for n in numbers:
            key = f"{urlsplit(url).port}-{n}"
            producer.publish(
                [[n], {}, {}], routing_key="small", headers={"task": "work", "id": key}, correlation_id=key
            )
