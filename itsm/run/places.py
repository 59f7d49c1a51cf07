"""Where things lie: every folder that is made at run time, and none that is committed.

Plain standard library, because the installer runs before anything is installed.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RUN = ROOT / ".run"
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VENDOR = ROOT / "itsm" / "ui" / "vendor"
AXE = CACHE / "axe"


def fingerprint(files: Iterable[Path]) -> str:
    """The same text as long as no named file changed, appeared or went."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.name}\0".encode())
        digest.update(file.read_bytes() if file.is_file() else b"absent")
    return digest.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


def put_stamp(stamp: Path, value: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)
