"""What people write of an item that sources speak of is a claim of theirs, believed first; emptied, taken back."""

from typing import Any

from django.utils import timezone

from catalog.cmdb.models import CI
from catalog.reconciliation.operations.by_hand import pin
from catalog.reconciliation.operations.renewing import renew_items
from catalog.reconciliation.operations.writing import ATTRIBUTES
from catalog.reconciliation.vocabulary import DESCRIPTION, ENVIRONMENT, NAME, TEAM
from catalog.services.models import Service
from itsm.lifecycle import RecordEvent

_SAID = {NAME: NAME, ENVIRONMENT: ENVIRONMENT, DESCRIPTION: DESCRIPTION}


def follow_hand(sender: type, news: RecordEvent, **_: Any) -> None:
    """Receiver of the news of items: an edit of one that has records is kept as the word of people."""
    item: CI = news.record
    if news.event != "ci.edited" or not item.records.exists():
        return
    said = _claims(item, news)
    if not said:
        return
    at = news.at or timezone.now()
    pin(item, said, at)
    renew_items([item.pk], actor=news.actor, at=at)
    item.refresh_from_db()


def _claims(item: CI, news: RecordEvent) -> dict[str, Any]:
    """Key -> what people say now; None where they emptied it."""
    changes = news.changes
    said: dict[str, Any] = {}
    if "attributes" in changes:
        before, after = changes["attributes"]
        for key in before.keys() | after.keys():
            if before.get(key) != after.get(key):
                said[f"{ATTRIBUTES}{key}"] = after.get(key)
    if Service.objects.filter(pk=item.pk).exists():
        return said  # the rest is the service's to say
    said |= {key: changes[name][1] or None for key, name in _SAID.items() if name in changes}
    if "team_id" in changes:
        said[TEAM] = item.team.slug if item.team else None
    return said
