"""Where a client may have the browser sent back to, and what of it people are shown."""

import re
from urllib.parse import urlsplit

from itsm.notifications.web_addresses import is_web_address

LONGEST = 400
MOST = 5
SAFE = (
    "A redirect URI is https, http on 127.0.0.1, [::1] or localhost, or a private-use scheme of a domain; "
    "without fragment or credentials."
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Private-use schemes are of a domain (RFC 8252, 7.1); these editors have ones without, and no others are taken: what
# `javascript:` or `data:` would do, nobody has to know here.
_EDITORS = frozenset({"cursor", "vscode", "vscode-insiders", "windsurf", "zed", "jetbrains"})
_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.ASCII)


def is_allowed(uri: str) -> bool:
    """https with a host, http on the client's own machine, or a private-use scheme; no fragment, no credentials."""
    if not uri.isascii() or not uri.isprintable() or len(uri) > LONGEST or "#" in uri or set(uri) & set(' <>"`\\{}|^'):
        return False
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018 - reading it refuses what is no port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if parts.scheme == "https":  # a host with `%2f` in it would be read as another one and a path
        return "%" not in parts.netloc and is_web_address(uri)
    if parts.scheme == "http":
        return parts.hostname in LOOPBACK
    return parts.scheme in _EDITORS or _SCHEME.fullmatch(parts.scheme) is not None


def matches(registered: str, asked: str) -> bool:
    """To the letter; of a program on its own machine any port, for it listens where it finds one (RFC 8252, 7.3)."""
    if registered == asked:
        return True
    if not is_allowed(asked):
        return False
    one, other = urlsplit(registered), urlsplit(asked)
    if one.scheme != "http" or other.scheme != "http":
        return False
    return (one.hostname, one.path or "/", one.query) == (other.hostname, other.path or "/", other.query) and (
        one.hostname in LOOPBACK and "@" not in asked
    )


def place(uri: str) -> str:
    """What people recognise of it: the host, or the scheme of a program on their machine."""
    parts = urlsplit(uri)
    return parts.netloc if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def is_own_machine(uri: str) -> bool:
    """Whether it leads to a program on the machine of whoever consents."""
    parts = urlsplit(uri)
    return parts.scheme not in {"http", "https"} or parts.hostname in LOOPBACK


def origin(uri: str) -> str:
    """As a Content-Security-Policy names where a form may lead to."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"
