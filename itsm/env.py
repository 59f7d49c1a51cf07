"""Settings from the environment: typed, and loud about what cannot be understood.

Every name may also come as NAME_FILE (a secret in a file). Names that are not set in the
environment are looked up in `.run/env`, which the launcher writes while it runs, so that
`./manage.py` in another terminal finds the same servers.
"""

import os
import socket
from functools import cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
RUN_ENV = BASE_DIR / ".run" / "env"
_REQUIRED = object()


@cache
def _launched() -> dict[str, str]:
    try:
        lines = RUN_ENV.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _lookup(name: str) -> str | None:
    if name in os.environ:
        return os.environ[name]
    if f"{name}_FILE" in os.environ:
        try:
            return Path(os.environ[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
    return _launched().get(name)


def text(name: str, default: object = _REQUIRED) -> str:
    value = _lookup(name)
    if value is None:
        if default is _REQUIRED:
            raise ImproperlyConfigured(f"{name} is not set; `make run` sets it, .env.example explains it.")
        return str(default)
    return value


def node() -> str:
    """What this node is called among the others; its signs of life carry it. Two on one machine say HEADROOM_NODE."""
    return text("HEADROOM_NODE", socket.gethostname())


def flag(name: str, default: bool) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value not in {"on", "off"}:
        raise ImproperlyConfigured(f"{name} is {value!r}; say 'on' or 'off'.")
    return value == "on"


def words(name: str, default: str = "") -> list[str]:
    return text(name, default).split()


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} is {value!r}; say a whole number.")
    return int(value)
