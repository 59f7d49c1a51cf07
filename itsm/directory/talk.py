"""The talk with a directory server: to an address that was judged, over TLS, and over within its time.

What it says is taken for data: no referral is followed, no answer is longer than a limit, and what was not read to its
end is a failure, never "nobody".
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import ldap3
from django.utils.translation import gettext as _

from itsm.directory.configured import Directory
from itsm.directory.line import (
    SUCCESS,
    BindRefused,
    DirectoryFailed,
    bind_as,
    connected,
    shown,
    spoken,
    told,
)
from itsm.notifications.credentials import NOBODY, credentials_of, require_host

PAGE = 500
MOST_ENTRIES = 200_000
_READER = "reader"  # a name that goes nowhere: the DN stands in the configuration, which holds colons too


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its DN and, by attribute in small letters, the values as they came."""

    dn: str
    values: Mapping[str, Sequence[bytes]]

    def first(self, attribute: str) -> str:
        """Its first value as text; "" where there is none."""
        found = self.values.get(attribute.lower()) or [b""]
        return found[0].decode("utf-8", "replace").replace("\0", "").strip()


class Talk:
    """Signed in to a directory, to read."""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection, self._name = connection, name

    def search(self, base: str, wanted: str, attributes: Sequence[str]) -> Iterator[Entry]:
        """The entries below `base` that match the filter, read in pages to their end.

        Raises DirectoryFailed where any part of them was not given: half an answer is none.
        """
        cookie: bytes | None = None
        count = 0
        while True:
            with spoken(self._name):
                self._connection.search(
                    base, wanted, ldap3.SUBTREE, attributes=list(attributes), paged_size=PAGE, paged_cookie=cookie
                )
                result, found = self._connection.result, self._connection.response or []
            self._require_whole(result, base)
            for one in found:
                if one.get("type") == "searchResEntry":  # else a reference to another server, which nobody follows
                    count += 1
                    yield _entry(one)
            if count > MOST_ENTRIES:
                raise DirectoryFailed(_("It gives more than %(most)s entries.") % {"most": MOST_ENTRIES})
            paged = (result.get("controls") or {}).get("1.2.840.113556.1.4.319") or {}
            cookie = (paged.get("value") or {}).get("cookie")
            if not cookie:
                return

    def one(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        """The entry of this DN; None where there is none (any more). Raises DirectoryFailed."""
        with spoken(self._name):
            self._connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=list(attributes))
            result, found = self._connection.result, self._connection.response or []
        if result["result"] == 32:  # noSuchObject
            return None
        self._require_whole(result, dn)
        return next((_entry(one) for one in found if one.get("type") == "searchResEntry"), None)

    def capabilities(self) -> frozenset[str]:
        """What the server says of itself (rootDSE, supportedCapabilities): Active Directory names its own here."""
        with suppress(DirectoryFailed):
            if (root := self.one("", ["supportedCapabilities"])) is not None:
                said = root.values.get("supportedcapabilities", ())
                return frozenset(one.decode("ascii", "replace") for one in said)
        return frozenset()

    def _require_whole(self, result: Mapping[str, Any], base: str) -> None:
        if result["result"] == SUCCESS:
            return
        said = {"name": self._name, "base": base[:200], "said": shown(told(result))}
        if result["result"] == 32:
            raise DirectoryFailed(_("%(name)s has nothing at “%(base)s”.") % said)
        raise DirectoryFailed(_("%(name)s did not answer in full: %(said)s") % said)


@contextmanager
def reading(directory: Directory, *, deadline: float) -> Iterator[Talk]:
    """Signed in as its reader (`bind_dn` and the secret of its name; without: as nobody). Hangs up at the end.

    `deadline` is an instant of the monotonic clock. Raises DirectoryFailed; BindRefused where the reader is not taken.
    """
    credentials = NOBODY
    if directory.bind_dn:
        with spoken(directory.host):
            require_host(directory.credential, directory.host, directory.port)
            credentials = credentials_of("basic", directory.credential, _READER, directory.authority)
    with _bound(directory, directory.bind_dn, credentials.secret, deadline) as connection:
        yield Talk(connection, directory.host)


def bind(directory: Directory, dn: str, password: str, *, deadline: float) -> None:
    """Whether this is the password of this entry: BindRefused where not, DirectoryFailed where that was not answered.

    An empty password is refused here: to a server it is no attempt at all (RFC 4513, 5.1.2), and it would say yes.
    """
    if not dn or not password:
        raise BindRefused(_("A password is needed."))
    with _bound(directory, dn, password, deadline):
        return


@contextmanager
def _bound(directory: Directory, dn: str, password: str, deadline: float) -> Iterator[Any]:
    connection = None
    try:
        with spoken(directory.host):
            connection = connected(directory, dn, password, deadline)
            if dn or password:
                bind_as(connection, directory.host)
        yield connection
    finally:
        if connection is not None:
            with suppress(Exception):  # it is over either way
                connection.unbind()
            with suppress(Exception):
                connection.socket.close()


def _entry(one: Mapping[str, Any]) -> Entry:
    values = {str(name).lower(): list(said) for name, said in one["raw_attributes"].items()}
    return Entry(str(one["dn"]), values)
