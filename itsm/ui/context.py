"""What the shell around every page needs: entries by work, with counts of what waits for me."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from itsm.accounts.actors import actor_of
from itsm.accounts.permissions import participants
from itsm.kernel.actors import Actor, Role

Count = Callable[[Actor], int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation. `key` follows `g`; `for_requesters` shows it in their smaller shell too.

    `place` orders the entries of all apps. `count` says how many wait for an actor.
    """

    name: Any
    url_name: str
    icon: str
    key: str
    place: int
    for_requesters: bool = True
    requesters_say: Any = ""
    count: Count | None = None


_entries: dict[str, Entry] = {}
# One's own page is nobody's entry.
_ONES_OWN = "accounts:profile"


def offers(entry: Entry) -> None:
    """An app's line of the navigation, said beside its addresses (`urls.py`). Keys and addresses are given once."""
    taken = [one.url_name for one in _entries.values() if one.key == entry.key and one.url_name != entry.url_name]
    if taken:
        raise ValueError(f"The key g {entry.key} leads to {taken[0]} already.")
    _entries[entry.url_name] = entry


def entries() -> list[Entry]:
    return sorted(_entries.values(), key=lambda entry: entry.place)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: navigation, unread count. Lazy: partial answers do not pay for it."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"entries": [], "unread": 0, "takes_part": False}
    return {
        "entries": SimpleLazyObject(lambda: _lines(request)),
        "unread": SimpleLazyObject(lambda: _unread(request)),
        "own_keys": json.dumps(request.user.keyboard),
        "takes_part": SimpleLazyObject(lambda: participants(actor_of(request))),
    }


def _lines(request: HttpRequest) -> list[dict[str, Any]]:
    actor = actor_of(request)
    only_requester = not actor.roles - {Role.REQUESTER}
    match = request.resolver_match
    here = match.view_name.split(":")[0] if match and match.view_name != _ONES_OWN else ""
    return [
        {
            "name": (only_requester and entry.requesters_say) or entry.name,
            "url_name": entry.url_name,
            "icon": entry.icon,
            "key": entry.key,
            "waiting": entry.count(actor) if entry.count else 0,
            "current": entry.url_name.split(":")[0] == here,
        }
        for entry in entries()
        if entry.for_requesters or not only_requester
    ]


def _unread(request: HttpRequest) -> int:
    return int(request.user.notifications.filter(read_at=None).count())  # type: ignore[union-attr]
