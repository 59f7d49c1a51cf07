"""One command with servers of its own, which are gone afterwards, also when it fails.

`make test`, `make bench` and the like run through here; nothing they do touches `.run/`.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from itsm.run import environment, launch, ports, prepare, processes
from itsm.run.servers import Servers

PREFIX = "headroom-"
LAUNCHER = "launcher"


def run_with_servers(command: Sequence[str], migrate: bool) -> int:
    """The command's exit code; `migrate` gives it tables to begin with."""
    launch.hear_signals()
    clear_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    # So that a later run knows whether this one still lives; whole at once, as one that starts just now looks too.
    processes.remember(folder / "starting", "pid", os.getpid())
    (folder / "starting").rename(folder / LAUNCHER)
    servers = Servers(folder, throw_away=True)
    try:
        settings = environment.untouched(folder, ports.free(), servers.start())
        if migrate:
            prepare.tables(folder, settings)
        # Tests make databases, which is the owner's right.
        surroundings = environment.full(settings, owner=not migrate)
        return call(folder, command, environment.compiling(surroundings))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def call(folder: Path, command: Sequence[str], surroundings: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=surroundings)
    processes.remember(folder / "pids", "command", process.pid)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def clear_leftovers() -> None:
    """Servers and folders of runs that were killed before they could clean up."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # another run that starts just now clears it as well
            _clear(folder)


def _clear(folder: Path) -> None:
    if folder.stat().st_uid != os.geteuid() or not (folder / LAUNCHER).is_dir():
        return
    if processes.recall(folder / LAUNCHER):
        return
    launch.stop_orphans(folder)
    shutil.rmtree(folder, ignore_errors=True)
