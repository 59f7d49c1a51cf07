"""What delivery does when a change moves, or an event of a deployment comes by another door: write rows, no network."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from changes.change.models import Change
from changes.change.workflow import WAITING, Status
from changes.delivery import permissions
from changes.delivery.formats.cdevents import PREFIX, type_of
from changes.delivery.formats.heard import whole_id
from changes.delivery.models import PlatformDelivery
from changes.delivery.operations import calling_back, questions
from changes.delivery.operations.proving import Proven
from changes.delivery.operations.receiving import accept
from changes.delivery.operations.sources import source_for_events
from itsm.intake.cdevents import event_in
from itsm.intake.reading import text
from itsm.kernel.actors import Actor
from itsm.lifecycle import RecordEvent


def change_moved(sender: type[Change], news: RecordEvent, **_sent: Any) -> None:
    """A platform that holds its deployment hears what became of it."""
    if news.step is not None and news.step.action == "submit":
        setattr(news.record, _ASKED_NOW, True)
    elif news.event == _CALLED:
        calling_back.owe(news.record, questions.CHANNEL)
    elif moves([news]):
        questions.follow_change(news.record, at=news.at or timezone.now())


def moves(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those by which a change that a program asked for left where it waited, waits for others, or is called back.

    Not those by which the gate answers while it is asked: who asks for a platform tells it the answer then.
    """
    told = [one for one in news if one.event == _CALLED or (one.step is not None and one.record.status in _TOLD)]
    return [one for one in told if one.record.program_owners and not hasattr(one.record, _ASKED_NOW)]


_CALLED = "change.roll_back_called"
_ASKED_NOW = "_asked_by_whoever_holds_this_object"
_TOLD = {*WAITING, Status.DRAFT, Status.SCHEDULED, Status.ON_HOLD, Status.CANCELLED}


def event_came(document: Any, raw: bytes, *, actor: Actor) -> PlatformDelivery | None:
    """A CDEvent came by the door of alerts: one about a service is a delivery. None where it is about something else,
    its program may not tell of deployments, or its source is retired: then nothing follows from it, as from any other.

    Raises what `accept` raises.
    """
    if not type_of(document).startswith(PREFIX) or not permissions.tellers(actor):
        return None
    at = timezone.now()
    source = source_for_events(actor=actor, at=at)
    if source is None:
        return None
    context = event_in(document)["context"]
    number = whole_id(f"{text(context.get('source'))} {text(context.get('id'))}")
    return accept(Proven(source, number, type_of(document)[:100]), raw, at=at)
