"""Who asks was not helped by what they read: counted, whichever door they ask by."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.utils import timezone

from itsm.lifecycle import RecordEvent, record_changed
from itsm.portal.models import Trace
from itsm.portal.operations import mark_asked

_OPENED = "incident.created"


def incident_opened(news: RecordEvent, **_: Any) -> None:
    """Whoever it is for asked, by whatever door."""
    if opened([news]):
        mark_asked(news.record.caller_id, Trace.About.INCIDENT, "incident", news.at or timezone.now())


def opened(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those that a person asked for."""
    return [one for one in news if one.event == _OPENED and one.record.caller_id is not None]


def listen() -> None:
    """Called once, in `AppConfig.ready()`."""
    incident = apps.get_model("incidents", "Incident")
    record_changed.connect(incident_opened, sender=incident, dispatch_uid="portal: incidents", acts_on=opened)
