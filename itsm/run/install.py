"""Sets up `.venv` and the front-end files; run by the machine's own python3.

Promises: only locked, hash-checked packages; nothing is done twice while the locks stay as
they are; Python packages and front-end libraries come at the same time.
"""

import fcntl
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from itsm.run import assets, places
from itsm.run.say import GiveUp, say

NO_VENV = (
    "This python3 cannot make virtual environments. On Debian or Ubuntu this helps:\n    apt-get install python3-venv"
)
STILL = 15  # seconds between signs of life
LOCKS = {
    "runtime": places.ROOT / "requirements.txt",
    "dev": places.ROOT / "requirements-dev.txt",
}


def main(arguments: list[str]) -> None:
    wanted = "dev" if "--dev" in arguments else "runtime"
    with alone():
        make_environment()
        with tempfile.TemporaryFile("w+") as output:
            packages = install_packages(wanted, output)
            try:
                if assets.build():
                    say("front-end libraries are in place")
                if wanted == "dev":
                    assets.install_client_generators()
            finally:
                finish_packages(packages, wanted, output)


@contextmanager
def alone() -> Iterator[None]:
    """Two `make` at once take turns instead of writing into one environment together."""
    places.CACHE.mkdir(exist_ok=True)
    with (places.CACHE / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_environment() -> None:
    if places.PYTHON.exists():
        return
    if not importlib.util.find_spec("ensurepip"):
        raise GiveUp(NO_VENV)
    say(f"making .venv with Python {sys.version.split()[0]}")
    shutil.rmtree(places.VENV, ignore_errors=True)
    venv.create(places.VENV, with_pip=True, symlinks=True)


def install_packages(wanted: str, output: IO[str]) -> "subprocess.Popen[bytes] | None":
    """pip, working beside us; nothing when the lock was installed before."""
    lock = LOCKS[wanted]
    if places.is_stamped(places.VENV / f".installed-{wanted}", places.fingerprint([lock])):
        return None
    say(f"installing Python packages from {lock.name}")
    command = [str(places.PYTHON), "-m", "pip", "install", "--require-hashes", "-r", str(lock)]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    return subprocess.Popen([*command, *quiet], stdout=output, stderr=subprocess.STDOUT)


def finish_packages(packages: "subprocess.Popen[bytes] | None", wanted: str, output: IO[str]) -> None:
    if packages is None:
        return
    while packages.poll() is None:
        try:
            packages.wait(STILL)
        except subprocess.TimeoutExpired:
            say("still installing Python packages")
    if packages.returncode != 0:
        output.seek(0)
        raise GiveUp(f"pip could not install {LOCKS[wanted].name}:\n{output.read()}")
    # The development lock holds the runtime lock, pin for pin.
    for name in ("runtime", wanted):
        places.put_stamp(places.VENV / f".installed-{name}", places.fingerprint([LOCKS[name]]))
    say("Python packages are in place")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next `make` goes on from here.")
