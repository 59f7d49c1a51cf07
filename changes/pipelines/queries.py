"""The command that pipelines fetch from here: its bytes, and their checksum."""

import hashlib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "adapters" / "headroom.py"


@cache
def command() -> bytes:
    """The file as it is served, to the byte: the same in every process of one version."""
    return _FILE.read_bytes()


@cache
def checksum() -> str:
    """SHA-256 of `command()`, in hex."""
    return hashlib.sha256(command()).hexdigest()
