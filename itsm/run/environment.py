"""The environment of everything the launcher starts, and its copy in `.run/env`.

What you set yourself wins; the rest is filled in. The copy lets `./manage.py` in another
terminal find the same servers, and lives only as long as they do.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from itsm.run import passwords

# Chosen anew for each command, so never handed on.
NOT_HANDED_ON = {"HEADROOM_DATABASE_ROLE"}
SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_AUDITOR_URL", "DATABASE_REPLICA_URL", "REDIS_URL")


def given(name: str) -> str | None:
    """Set by the user, as a value or as a file that holds it."""
    if value := os.environ.get(name):
        return value
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text().strip()
    return None


def given_settings() -> dict[str, str]:
    """Every setting of ours that the user made, by the name settings.py knows it under."""
    ours = {name.removesuffix("_FILE") for name in os.environ if is_ours(name)}
    return {name: value for name in sorted(ours - NOT_HANDED_ON) if (value := given(name))}


def complete(folder: Path, port: int, servers: Mapping[str, str]) -> dict[str, str]:
    """For `make run`: its defaults, then what the user said, then the servers found."""
    own = {"HEADROOM_DEMO": "on", "HEADROOM_SECRETS_DIR": str(credentials(folder).absolute())}
    return defaults(folder, port) | own | given_settings() | dict(servers)


def credentials(folder: Path) -> Path:
    """Where keys and tokens of other systems lie, unless HEADROOM_SECRETS_DIR says otherwise: there from the start."""
    return passwords.private_folder(folder / "credentials")


def untouched(folder: Path, port: int, servers: Mapping[str, str]) -> dict[str, str]:
    """For tests: the same on every machine, whatever its user has set."""
    return defaults(folder, port) | dict(servers)


def defaults(folder: Path, port: int) -> dict[str, str]:
    return {
        "HEADROOM_FILES_DIR": str((folder / "files").absolute()),
        "HEADROOM_ANCHORS_DIR": str((folder / "anchors").absolute()),
        "HEADROOM_SECRET_KEY": passwords.kept(folder / "secret", 48),
        "HEADROOM_WEB_PUSH_KEY": passwords.kept(folder / "web_push_key", 48),
        "HEADROOM_SIGNING_KEY": passwords.kept(folder / "signing_key", 48),
        "HEADROOM_DEBUG": "off",
        "HEADROOM_DEMO": "off",
        "HEADROOM_BASE_URL": f"http://127.0.0.1:{port}",
    }


def write(folder: Path, settings: Mapping[str, str]) -> Path:
    file = folder / "env"
    lines = (f"{name}={value}\n" for name, value in sorted(settings.items()))
    passwords.write_private(file, "".join(lines))
    return file


def compiling(surroundings: Mapping[str, str]) -> dict[str, str]:
    """For tests: Python keeps what it compiled, also where the machine says not to: they start it so often."""
    return {name: text for name, text in surroundings.items() if name != "PYTHONDONTWRITEBYTECODE"}


def full(settings: Mapping[str, str], owner: bool = False) -> dict[str, str]:
    """For a process: the machine's environment with our settings and no others of ours."""
    machine = {name: value for name, value in os.environ.items() if not is_ours(name)}
    role = {"HEADROOM_DATABASE_ROLE": "owner"} if owner else {}
    return machine | dict(settings) | role


def is_ours(name: str) -> bool:
    return name.startswith("HEADROOM_") or name.removesuffix("_FILE") in SERVERS
