"""Other programs in the place of those that run: no request fails meanwhile, and what does not stand does not go on."""

import json
import os
import signal
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from itsm.run import places, ports, processes, programs, relief
from itsm.run.child import Child
from itsm.run.pulse import Pulse
from itsm.run.supervisor import Supervisor
from tests.run.desks import eventually, strangers

WEB = [sys.executable, "-m", "gunicorn", "tests.run.echo:application", "--config", str(programs.WEB_SETTINGS)]
SAYS = "import json\nprint(json.dumps({programs!r}))\n"


def release(folder: Path, *commands: tuple[str, list[str]]) -> Path:
    """A folder whose `itsm.run.programs` names these."""
    package = folder / "itsm" / "run"
    package.mkdir(parents=True)
    (folder / "itsm" / "__init__.py").touch()
    (package / "__init__.py").touch()
    said = [
        {
            "name": name, "command": command, "workplace": str(places.ROOT), "workers": [], "longest_silence": None,
            "environment": strangers() | {"WEB_CONCURRENCY": "1"},
        }
        for name, command in commands
    ]  # fmt: skip
    (package / "programs.py").write_text(SAYS.format(programs=said))
    return folder


class Served:
    """A desk of one web server, and a launcher's loop around it in this very process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, ports.free()
        self.listener = ports.listening(self.port)
        web = Child("web", WEB, folder, environment=strangers() | {"WEB_CONCURRENCY": "1"}, workplace=places.ROOT)
        relief.give_socket([web], self.listener)
        web.start()
        relief.listen(folder)
        self.relief = relief.Relief(folder, self.port, {}, self.listener, stands=0.3, answers=answers)
        self.supervisor = Supervisor(programs=[web])
        eventually(lambda: answers(self.port))

    def goes_on_with(self, root: Path) -> str:
        """The problem, if there is one."""
        (self.folder / relief.NEXT).write_text(json.dumps({"root": str(root), "python": sys.executable, "asked": "x"}))
        os.kill(os.getpid(), relief.SIGNAL)
        others = self.relief(self.supervisor.programs)
        self.supervisor.programs = others or self.supervisor.programs
        said: dict[str, str] = json.loads((self.folder / relief.DONE).read_text())
        return said["problem"]


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{ports.HOST}:{port}/", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made, handler = Served(tmp_path), signal.getsignal(relief.SIGNAL)
    yield made
    made.supervisor.stop_programs()
    for listener in (made.listener, *made.relief.own):
        listener.close()
    signal.signal(relief.SIGNAL, signal.SIG_DFL if handler is None else handler)


@contextmanager
def asking(port: int) -> Iterator[list[bool]]:
    """Request after request, each over a connection of its own; what came of each."""
    enough, came = threading.Event(), list[bool]()

    def ask() -> None:
        while not enough.is_set():
            came.append(answers(port))
            time.sleep(0.002)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield came
    finally:
        enough.set()
        for thread in threads:
            thread.join(60)


def test_no_request_fails_while_programs_change_and_what_does_not_stand_does_not_go_on(
    served: Served, tmp_path: Path
) -> None:
    (first,) = served.supervisor.programs
    with asking(served.port) as came:
        for n in range(2):
            before = served.supervisor.programs[0]
            assert served.goes_on_with(release(tmp_path / f"release {n}", ("web", WEB))) == ""
            assert served.supervisor.programs[0] is not before
            assert not before.is_running()
        (second,) = served.supervisor.programs
        ends = [sys.executable, "-c", "raise SystemExit('it cannot begin')"]
        bad = {
            "a web server that ends": release(tmp_path / "bad 1", ("web", ends)),
            "another program that ends": release(tmp_path / "bad 2", ("web", WEB), ("worker", ends)),
            "no word": tmp_path / "nothing",
        }
        (tmp_path / "nothing").mkdir()
        for what, folder in bad.items():
            assert served.goes_on_with(folder), what
            assert served.supervisor.programs == [second], what
            assert second.is_running()
            assert set(processes.recall(tmp_path / "pids")) == {"web"}, "and is known by its name"
        seen = len(came)
        eventually(lambda: len(came) > seen + 5)
    assert not first.is_running()
    assert came.count(False) == 0, f"{came.count(False)} of {len(came)} failed"


def test_nothing_changes_while_nobody_asks(tmp_path: Path) -> None:
    relief._asked[0] = False
    listener = ports.listening(ports.free())
    assert relief.Relief(tmp_path, 1, {}, listener)([]) is None
    listener.close()


def test_a_release_says_of_itself_what_its_launcher_would_have_made(tmp_path: Path) -> None:
    settings = {"DATABASE_URL": "postgresql://nobody@127.0.0.1/none", "HEADROOM_DEMO": "on"}
    made = programs.programs(tmp_path, 8123, settings)
    told: list[dict[str, Any]] = json.loads(programs.described(made))
    assert [one["name"] for one in told] == ["web", "worker", "beat", "paging", "outward", "watch", "auditor"]
    for one, said in zip(made, told, strict=True):
        again = programs.as_described(tmp_path, said)
        assert (again.name, again.command, again.environment) == (one.name, one.command, one.environment)
        assert again.longest_silence == one.longest_silence
        if one.silence:
            assert isinstance(again.silence, Pulse)
            assert isinstance(one.silence, Pulse)
            assert (again.silence.url, again.silence.workers) == (one.silence.url, one.silence.workers)
