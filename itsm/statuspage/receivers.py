"""What the public is told when a change moves behind its planned maintenance."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.utils import timezone

from incidents.major import operations as leading
from incidents.major import queries as majors
from itsm.kernel.references import number_in
from itsm.lifecycle import RecordEvent, record_changed
from itsm.statuspage.operations import behind

_BEGAN = "change.started"
_ENDED = ("change.finished", "change.rolled_back")
_OFF = "change.cancelled"
_PLANNED = "change.authorised"
_HEARD = frozenset({_BEGAN, *_ENDED, _OFF, _PLANNED})


def change_moved(news: RecordEvent, **_: Any) -> None:
    """Its maintenance goes with it, in the same transaction."""
    at, change = news.at or timezone.now(), news.record
    if news.event == _BEGAN:
        behind.change_began(change.reference, at=change.started_at or at)
    elif news.event in _ENDED:
        behind.change_ended(change.reference, at=change.finished_at or at)
    elif news.event == _OFF:
        behind.change_called_off(change.reference, at=at)
    elif news.event == _PLANNED:
        behind.change_planned(change.reference, starts_at=change.window_start, ends_at=change.window_end, at=at)


def told_publicly(news: RecordEvent, **_: Any) -> None:
    """What was published about a major incident: those who wait have heard something, in the same transaction."""
    notice = news.record
    says = news.step is not None or news.event == f"{notice.kind}.created"
    number = number_in(notice.internal, "INC") if says else None
    major = majors.of_incident(number, news.actor) if number else None
    if major is not None and major.is_running:
        leading.told_publicly(major, actor=news.actor, at=news.at or timezone.now())


def acted_on(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those that begin, end, move or call off work. Without a window nothing was planned."""
    heard = [one for one in news if one.event in _HEARD]
    return [one for one in heard if one.event != _PLANNED or one.record.window_start is not None]


def listen() -> None:
    """Called once, in `AppConfig.ready()`."""
    change = apps.get_model("changes", "Change")
    notice = apps.get_model("statuspage", "PublicIncident")
    record_changed.connect(told_publicly, sender=notice, dispatch_uid="status pages: major incidents")
    record_changed.connect(change_moved, sender=change, dispatch_uid="status pages: changes", acts_on=acted_on)
