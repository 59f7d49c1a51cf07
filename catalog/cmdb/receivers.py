"""What is said of a service is history of its item too."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils import timezone

from catalog.cmdb.models import CI
from catalog.cmdb.operations.histories import origin_of_news, record
from catalog.services.models import Service
from itsm.accounts.models import Team, User
from itsm.lifecycle import RecordEvent


def _team(pk: Any) -> Any:
    return Team.objects.filter(pk=pk).values_list("slug", flat=True).first() if pk else None


def _person(pk: Any) -> Any:
    return User.objects.filter(pk=pk).values_list("username", flat=True).first() if pk else None


def _ci_class(service_type: Any) -> str:
    return f"{service_type}_service"


def _plain(value: Any) -> Any:
    return value


# Column of a service -> (the key in its item's history, a value as it reads there).
_TOLD: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "name": ("name", _plain),
    "description": ("description", _plain),
    "team_id": ("team", _team),
    "support_team_id": ("support_team", _team),
    "owner_id": ("owner", _person),
    "service_type": ("ci_class", _ci_class),
    "tier": ("tier", _plain),
    "audience": ("audience", _plain),
}


def keep_history(sender: type, news: RecordEvent, **_: Any) -> None:
    """Receiver of the news of services: what was edited, key by key, with the change that runs there."""
    service: Service = news.record
    at = news.at or timezone.now()
    edits: dict[str, tuple[Any, Any]] = {}
    if news.event == "service.created":
        edits = {"name": (None, service.name), "status": (None, _status(service))}
    elif news.event == "service.edited":
        for column, (key, read) in _TOLD.items():
            if column in news.changes:
                before, after = news.changes[column]
                edits[key] = (read(before), read(after))
    if edits:
        item = CI.objects.select_related("ci_class").get(pk=service.pk)
        begun = news.event == "service.created"
        origin = replace(origin_of_news(), change="")  # which one covers it is found, here as by hand
        record(item, edits, actor=news.actor, at=at, origin=origin, tied=not begun)


def _status(service: Service) -> str:
    return str(CI.objects.values_list("status", flat=True).get(pk=service.pk))
