"""Who asks was not helped by what they read: counted, whichever door they ask by."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.utils import timezone

from itsm.lifecycle import RecordEvent, record_changed
from itsm.portal.models import Trace
from itsm.portal.operations import mark_asked

_OPENED = "incident.created"
_ASKED_FOR = "request_item.created"


def incident_opened(news: RecordEvent, **_: Any) -> None:
    """Whoever it is for asked, by whatever door."""
    if opened([news]):
        mark_asked(news.record.caller_id, Trace.About.INCIDENT, "incident", news.at or timezone.now())


def opened(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those that a person asked for."""
    return [one for one in news if one.event == _OPENED and one.record.caller_id is not None]


def item_asked_for(news: RecordEvent, **_: Any) -> None:
    """The form of this item went out; nothing that they read before was enough."""
    if wanted([news]):
        asked = news.record
        mark_asked(asked.request.by_id, Trace.About.ITEM, asked.item.slug, news.at or timezone.now())


def wanted(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those with which an item was asked for."""
    return [one for one in news if one.event == _ASKED_FOR]


def listen() -> None:
    """Called once, in `AppConfig.ready()`."""
    incident, item = apps.get_model("incidents", "Incident"), apps.get_model("catalog", "RequestItem")
    record_changed.connect(incident_opened, sender=incident, dispatch_uid="portal: incidents", acts_on=opened)
    record_changed.connect(item_asked_for, sender=item, dispatch_uid="portal: requests", acts_on=wanted)
