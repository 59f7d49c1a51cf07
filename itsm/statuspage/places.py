"""Where the snapshot lies, and how it is swapped: a folder for each release, and a link to the one that is served."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

CURRENT, RELEASES, MANIFEST = "current", "releases", "manifest.json"
_KEPT = 3  # releases: whoever is just being answered from the one before still finds it


class Written(NamedTuple):
    """One file of a release: its name in the folder, and what is sent with it."""

    name: str
    content_type: str
    etag: str
    zipped: str  # name of the gzipped body, "" where there is none


def folder() -> Path:
    """The folder of the snapshot; web and workers share it. No backup holds it: it is made anew each minute."""
    return Path(settings.STATUS_DIR or Path(settings.FILES_DIR).parent / "status")


@contextmanager
def alone() -> Iterator[Path]:
    """One process at a time makes a release, so that a later one never goes before an earlier one."""
    place = folder()
    (place / RELEASES).mkdir(parents=True, exist_ok=True)
    with open(place / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def current() -> str:
    """The name of the release that is served; "" where none is."""
    try:
        return os.path.basename(os.readlink(folder() / CURRENT))
    except OSError:
        return ""


def swap(place: Path, name: str) -> None:
    """Serve this release from now on: one rename, so that nobody ever finds half of it. Older ones go."""
    link = place / f".{CURRENT}-{name}"
    os.symlink(os.path.join(RELEASES, name), link)
    os.replace(link, place / CURRENT)
    for old in sorted(one.name for one in (place / RELEASES).iterdir())[:-_KEPT]:
        shutil.rmtree(place / RELEASES / old, ignore_errors=True)


def write_manifest(release: Path, made: datetime, files: Mapping[str, Written]) -> None:
    """What the release holds: path below /status/ -> file."""
    document = {"made": made.isoformat(), "files": {path: list(one) for path, one in files.items()}}
    (release / MANIFEST).write_text(json.dumps(document), encoding="utf-8")


def read_manifest(name: str) -> tuple[datetime, dict[str, Written]]:
    """When a release was made, and its files. OSError or ValueError where it cannot be read."""
    document: Any = json.loads((folder() / RELEASES / name / MANIFEST).read_text(encoding="utf-8"))
    return datetime.fromisoformat(document["made"]), {path: Written(*one) for path, one in document["files"].items()}
