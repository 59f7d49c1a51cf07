"""What the shell around every page needs: entries by work, with counts of what waits for me."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from itsm.accounts.actors import actor_of
from itsm.accounts.looking import looks_as
from itsm.accounts.permissions import colleagues, participants
from itsm.composed import Composed
from itsm.kernel.actors import Actor
from itsm.notifications.sight import News, still_seen
from itsm.prepared import Prepared
from itsm.ui.paging import counts_at_most

Count = Callable[[Actor], int | Composed[Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation. `key` follows `g`; `for_requesters` shows it in their smaller shell too, `for_staff`
    in that of who works here.

    `place` orders the entries of all apps. `count` says how many wait for an actor, or which: those that are composed
    are counted together, in one statement. `marked_in`: the namespaces of addresses, beside its own, on whose pages it
    is the entry that one is in. `under`: the address of the entry on whose pages it is shown; its key leads there from
    anywhere. To whom that entry is not shown, it stands by itself.
    """

    name: Any
    url_name: str
    icon: str
    key: str
    place: int
    for_requesters: bool = True
    for_staff: bool = True
    requesters_say: Any = ""
    count: Count | None = None
    marked_in: tuple[str, ...] = ()
    under: str = ""


_entries: dict[str, Entry] = {}
# One's own page is nobody's entry.
_ONES_OWN = "accounts:profile"
_UNREAD = Prepared(
    "unread_of_a_person",
    "SELECT record_kind, record_id, relation FROM notifications_notification WHERE to_id = %(me)s AND read_at IS NULL"
    " ORDER BY id DESC LIMIT 100",  # the bell says 99+ of more
    me="bigint",
)


def offers(entry: Entry) -> None:
    """An app's line of the navigation, said beside its addresses (`urls.py`). An address is given once, and a key once
    to each reader: what requesters do not see may share the key of what they alone see."""
    for one in _entries.values():
        if one.key == entry.key and one.url_name != entry.url_name and _meet(one, entry):
            raise ValueError(f"The key g {entry.key} leads to {one.url_name} already.")
    _entries[entry.url_name] = entry
    _shown.cache_clear()


def _meet(one: Entry, another: Entry) -> bool:
    """Whether somebody sees both."""
    return (one.for_requesters and another.for_requesters) or (one.for_staff and another.for_staff)


_banners: list[Callable[[HttpRequest], str]] = []


def shows_banner(banner: Callable[[HttpRequest], str]) -> None:
    """What stands above every page as long as it holds; "" where it does not. Called once per banner, at start."""
    _banners.append(banner)


def entries() -> list[Entry]:
    return sorted(_entries.values(), key=lambda entry: entry.place)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: navigation, unread count. Lazy: partial answers do not pay for it."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"entries": [], "unread": 0, "takes_part": False}
    looks = looks_as(request)
    roles = request.user.roles if looks is None else sorted(actor_of(request).roles)
    return {
        "me": Me(request.user.pk, str(request.user), request.user.username, tuple(map(str, roles))),
        "looks_as": looks,
        "entries": SimpleLazyObject(lambda: _lines(request)),
        "unread": SimpleLazyObject(lambda: _unread(request)),
        "banners": SimpleLazyObject(lambda: [said for banner in _banners if (said := banner(request))]),
        "own_keys": json.dumps(request.user.keyboard),
        "takes_part": SimpleLazyObject(lambda: participants(actor_of(request))),
    }


class Me(NamedTuple):
    """Who reads, in plain values: what shows nothing else of them is kept by these (`{% kept me %}`)."""

    id: int
    name: str
    username: str
    roles: tuple[str, ...]


class Line(NamedTuple):
    """An entry as somebody sees it on a page. Plain values only: the navigation is kept by them (`{% kept %}`).

    `waiting`: behind it and what lies under it.
    """

    name: str
    address: str
    icon: str
    key: str
    waiting: int
    current: bool
    under: "tuple[Line, ...]" = ()


def _lines(request: HttpRequest) -> tuple[Line, ...]:
    actor = actor_of(request)
    match = request.resolver_match
    page = match.view_name if match and match.view_name != _ONES_OWN else ""
    shown = _shown(not colleagues(actor), get_language(), get_script_prefix())
    waiting = _waiting([entry for entry, *_rest in shown], actor)
    lines = {
        entry: Line(name, address, entry.icon, entry.key, waiting.get(entry.url_name, 0), _current(page, entry, marked))
        for entry, name, address, marked in shown
    }
    names = {entry.url_name for entry in lines}
    return tuple(_with_under(entry, line, lines) for entry, line in lines.items() if entry.under not in names)


def _current(page: str, entry: Entry, marked: frozenset[str]) -> bool:
    """Whether one is in this entry: on its very page, or on one that is no entry's own and lies where it is marked."""
    return page == entry.url_name or (page not in _entries and page.split(":")[0] in marked)


def _with_under(entry: Entry, line: Line, lines: "dict[Entry, Line]") -> Line:
    under = tuple(one for other, one in lines.items() if other.under == entry.url_name)
    return line._replace(waiting=line.waiting + sum(one.waiting for one in under), under=under)


def _waiting(shown: list[Entry], actor: Actor) -> dict[str, int]:
    asked = {entry.url_name: entry.count(actor) for entry in shown if entry.count}
    lists = {name: one for name, one in asked.items() if isinstance(one, Composed)}
    counted = counts_at_most(lists) if lists else {}
    return {name: counted[name].number if isinstance(one, Composed) else one for name, one in asked.items()}


@cache
def _shown(only_requester: bool, language: str | None, prefix: str) -> list[tuple[Entry, str, str, frozenset[str]]]:
    """The entries with their names in this language, their addresses, and the namespaces that they are marked in.

    One without an address is not shown.
    """
    found = []
    spaces: set[str] = set()  # what several entries share is where the first of them is
    for entry in entries():
        if not (entry.for_requesters if only_requester else entry.for_staff):
            continue
        with suppress(NoReverseMatch):
            name = str((only_requester and entry.requesters_say) or entry.name)
            space = entry.url_name.split(":")[0]
            marked = frozenset({*entry.marked_in} if space in spaces else {space, *entry.marked_in})
            spaces.add(space)
            found.append((entry, name, reverse(entry.url_name), marked))
    return found


def _unread(request: HttpRequest) -> int:
    """What waits behind the bell, of what its reader may see now. Asked once in every request, so it is plain."""
    with connection.cursor() as cursor:
        _UNREAD.run(cursor, {"me": request.user.pk})
        told = [News(*row) for row in cursor.fetchall()]
    return len(still_seen(request.user, told))
