"""A web address in its parts, as they go over the line."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from django.utils.translation import gettext as _

from itsm.notifications.addresses import OutgoingRefused
from itsm.notifications.hosts import ascii_host

_SAFE = "/%:@!$&'()*+,;=~-._?"  # what a path or a query may hold as it is


class Target(NamedTuple):
    scheme: str
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def host_header(self) -> str:
        bare = f"[{self.host}]" if ":" in self.host else self.host
        return bare if self.port == {"http": 80, "https": 443}[self.scheme] else f"{bare}:{self.port}"


def target_of(url: str, params: Mapping[str, str] | None) -> Target:
    """OutgoingRefused for what is no http(s) address or carries a password. The parameters join the query's own."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise OutgoingRefused(_("The address is not a usable URL.")) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise OutgoingRefused(_("The address must be http(s) and must not carry credentials."))
    try:
        host = ascii_host(parts.hostname)
    except ValueError as error:
        raise OutgoingRefused(_("The address names no host.")) from error
    query = "&".join(part for part in (quote(parts.query, _SAFE), urlencode(params or {})) if part)
    path = quote(parts.path or "/", _SAFE)
    return Target(parts.scheme, host, port, f"{path}?{query}" if query else path)
