"""What the shell around every page needs: entries by work, with counts of what waits for me."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from itsm.accounts.actors import actor_of
from itsm.accounts.permissions import participants
from itsm.kernel.actors import Actor, Role

Count = Callable[[Actor], int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation. `key` follows `g`; `for_requesters` shows it in their smaller shell too."""

    name: Any
    url_name: str
    icon: str
    key: str
    for_requesters: bool = True
    requesters_say: Any = ""


ENTRIES = (
    Entry(_("Desk"), "home:desk", "layout-dashboard", "d", requesters_say=_("Home")),
    Entry(_("Incidents"), "incidents:list", "alert-triangle", "i", requesters_say=_("My reports")),
    Entry(_("Changes"), "changes:list", "git-pull-request", "c", for_requesters=False),
    Entry(_("Services"), "catalog:list", "server-2", "s"),
    Entry(_("SLOs"), "slo:list", "target", "o", for_requesters=False),
    Entry(_("Four eyes"), "approvals:confirmations", "user-check", "l", for_requesters=False),
)

# Apps say how to count what waits for an actor, by the name of the entry's URL (in AppConfig.ready()).
_counts: dict[str, Count] = {}


def counts(url_name: str, count: Count) -> None:
    _counts[url_name] = count


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: navigation, unread count. Lazy: partial answers do not pay for it."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"entries": [], "unread": 0, "takes_part": False}
    return {
        "entries": SimpleLazyObject(lambda: _entries(request)),
        "unread": SimpleLazyObject(lambda: _unread(request)),
        "takes_part": SimpleLazyObject(lambda: participants(actor_of(request))),
    }


def _entries(request: HttpRequest) -> list[dict[str, Any]]:
    actor = actor_of(request)
    only_requester = not actor.roles - {Role.REQUESTER}
    match = request.resolver_match
    here = match.view_name.split(":")[0] if match else ""
    return [
        {
            "name": (only_requester and entry.requesters_say) or entry.name,
            "url_name": entry.url_name,
            "icon": entry.icon,
            "key": entry.key,
            "waiting": _counts[entry.url_name](actor) if entry.url_name in _counts else 0,
            "current": entry.url_name.split(":")[0] == here,
        }
        for entry in ENTRIES
        if entry.for_requesters or not only_requester
    ]


def _unread(request: HttpRequest) -> int:
    return int(request.user.notifications.filter(read_at=None).count())  # type: ignore[union-attr]
