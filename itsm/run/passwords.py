"""Secrets made on this machine, kept in the run folder for nobody but its owner."""

import secrets
from pathlib import Path


def private_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_private(file: Path, text: str) -> None:
    """Never readable by others, not even between creation and chmod; whole or not at all."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(file)


def kept(file: Path, size: int = 32) -> str:
    """The secret in this file, made up at the first asking."""
    if file.is_file() and (known := file.read_text().strip()):
        return known
    made = secrets.token_urlsafe(size)
    write_private(file, f"{made}\n")
    return made
