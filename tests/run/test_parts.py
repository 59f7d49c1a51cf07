"""The launcher's small parts, each on its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from itsm.run import assets, environment, install, locks, passwords, places, ports, processes, sprite
from itsm.run.child import Child
from itsm.run.say import GiveUp
from itsm.run.supervisor import Kept
from tests.run.desks import eventually


def test_a_stranger_with_our_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "3000"]) as stranger:
        (tmp_path / "web").write_text(f"{stranger.pid} another-boot:123\n")
        assert processes.recall(tmp_path) == {}
        assert not (tmp_path / "web").exists()
        processes.stop_all([processes.Identity(stranger.pid, "another-boot:123")], signal.SIGKILL, 1)
        assert stranger.poll() is None
        stranger.kill()


def test_a_child_that_ignores_its_signal_is_ended_anyway(tmp_path: Path) -> None:
    child = Child(
        "stubborn", ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"], tmp_path, patience=0.3
    )
    child.start()
    eventually(lambda: "deaf" in child.last_lines())
    child.stop()
    assert child.exit_code() == -signal.SIGKILL
    assert not (tmp_path / "pids" / "stubborn").exists()


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path) -> None:
    child = Child("broken", ["sh", "-c", "echo no luck; exit 3"], tmp_path)
    kept = Kept(child)
    child.start()
    pauses = []
    now = child.began
    for _ in range(8):
        assert child.process
        child.process.wait()
        kept.look(now)
        assert kept.due is not None
        pauses.append(kept.due - now)
        now = kept.due
        kept.look(now)
        child.began = now
    assert [round(pause, 3) for pause in pauses] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    child.stop()


def test_a_child_that_hangs_is_ended_and_started_again(tmp_path: Path) -> None:
    silent: list[float | None] = [None]
    child = Child("worker", ["sleep", "3000"], tmp_path, silence=lambda: silent[0], longest_silence=0.2)
    child.start()
    kept = Kept(child)
    time.sleep(0.3)
    for known in (None, 0.1):  # a database that is away says nothing about the worker
        silent[0] = known
        kept.look(child.began)
        assert child.is_running()
    silent[0] = 0.3
    eventually(child.has_gone_quiet)
    kept.look(child.began)
    eventually(lambda: not child.is_running())
    kept.look(child.began)
    assert kept.due is not None


def test_what_a_dead_master_left_behind_goes_before_it_is_started_again(tmp_path: Path) -> None:
    port = ports.free()
    listen = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True)"
    fork = f"import os; {listen}; os.fork(); time.sleep(3000)"
    child = Child("web", [sys.executable, "-c", fork], tmp_path)
    child.start()
    eventually(lambda: "up" in child.last_lines())
    assert child.process
    os.kill(child.process.pid, signal.SIGKILL)
    eventually(lambda: not child.is_running())
    assert not ports.is_free(port)
    kept = Kept(child)
    kept.look(child.began)
    assert kept.due is not None
    eventually(lambda: ports.is_free(port))


def test_a_long_log_is_cut_while_its_child_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itsm.run.child.LOG_LIMIT", 5)
    child = Child("web", ["sh", "-c", "echo before; sleep 3000"], tmp_path)
    child.log.write_text("very long\n")
    child.keep_log_small()
    assert child.log.read_text() == ""
    assert (tmp_path / "web.log.1").read_text() == "very long\n"


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    first = passwords.kept(file)
    assert passwords.kept(file) == first
    assert len(first) > 40
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_the_user_sets_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "key"
    secret.write_text("from a file\n")
    monkeypatch.delenv("HEADROOM_SECRET_KEY", raising=False)
    monkeypatch.setenv("HEADROOM_SECRET_KEY_FILE", str(secret))
    monkeypatch.setenv("HEADROOM_DEMO", "off")
    monkeypatch.setenv("HEADROOM_DATABASE_ROLE", "owner")
    found = environment.complete(tmp_path, 8000, {"REDIS_URL": "redis://here/0"})
    assert found["HEADROOM_SECRET_KEY"] == "from a file"
    assert found["HEADROOM_DEMO"] == "off"
    assert found["HEADROOM_DEBUG"] == "off"
    assert (Path(found["HEADROOM_SECRETS_DIR"]).stat().st_mode & 0o777, tmp_path / "credentials") == (
        0o700, Path(found["HEADROOM_SECRETS_DIR"]),
    )  # fmt: skip
    assert "HEADROOM_DATABASE_ROLE" not in environment.full(found)
    assert environment.full(found, owner=True)["HEADROOM_DATABASE_ROLE"] == "owner"


def test_what_runs_on_servers_that_are_thrown_away_keeps_what_python_compiled() -> None:
    assert environment.compiling({"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/bin"}) == {"PATH": "/bin"}


@pytest.mark.parametrize("text", ["", "0", "65536", "eighty", "-1", "٨٠"])
def test_a_port_that_is_none_is_refused_in_words(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(GiveUp, match="say a number from 1 to 65535"):
        ports.wanted()


def test_a_python_without_ensurepip_gets_the_one_line_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing: Callable[[str], None] = lambda name: None  # noqa: E731
    monkeypatch.setattr("importlib.util.find_spec", nothing)
    monkeypatch.setattr(places, "PYTHON", tmp_path / "python")
    with pytest.raises(GiveUp, match="apt-get install python3-venv"):
        install.make_environment()


def test_locks_hold_hashes_and_no_addresses() -> None:
    assert locks.addresses() == []
    assert (places.ROOT / "package-lock.json").read_text().count('"integrity": "sha512-') >= 6


def test_the_sprite_draws_with_the_colour_of_the_text() -> None:
    drawn = sprite.symbol(
        "flame", '<svg class="x">\n<path stroke="none" d="M0 0h24v24H0z" fill="none"/> <path d="M1"/></svg>'
    )
    assert drawn == f'<symbol id="flame" viewBox="0 0 24 24" {sprite.STROKE}><path d="M1"/></symbol>'


def test_an_unknown_icon_is_named(tmp_path: Path) -> None:
    (tmp_path / "icons.txt").write_text("no-such-icon\n")
    with pytest.raises(ValueError, match="no-such-icon"):
        sprite.sprite(tmp_path / "icons.txt", tmp_path)


def test_source_maps_are_not_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"code\n//# sourceMappingURL=a.map\n/*# sourceMappingURL=b.map */")
    assets.copy_without_map(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"code\n"


def test_the_front_end_is_in_place_with_its_licences() -> None:
    names = {file.name for file in places.VENDOR.iterdir()}
    assert names == {*assets.USED.values(), *assets.FONTS, "icons.svg", "LICENSES.txt", ".stamp"}
    licences = (places.VENDOR / "LICENSES.txt").read_text()
    for package in assets.PACKAGES:
        assert package in licences
    assert (places.AXE / "axe.min.js").is_file()


def test_manage_py_without_a_desk_says_so_without_a_trace() -> None:
    settings = {
        "HEADROOM_SECRET_KEY": "x", "HEADROOM_DEBUG": "off", "HEADROOM_BASE_URL": "http://127.0.0.1:1",
        "DATABASE_URL": "postgres://a:b@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1/0",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "setup_link"]
    machine = {name: value for name, value in os.environ.items() if not environment.is_ours(name)}
    for given in (settings, settings | {"HEADROOM_DEBUG": "perhaps"}):
        found = subprocess.run(
            command, cwd=places.ROOT, env=machine | given, capture_output=True, text=True, check=False
        )
        assert (found.returncode, "Traceback" in found.stderr) == (1, False), found.stderr
        assert "leave `make run` running" in found.stderr


def test_manage_py_finds_our_python_when_started_by_another() -> None:
    other = getattr(sys, "_base_executable", sys.executable)
    result = subprocess.run(
        [other, "manage.py", "version"], cwd=places.ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    assert result.stdout.startswith("5.2"), result.stderr
