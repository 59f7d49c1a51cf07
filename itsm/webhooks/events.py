"""From news to messages: the type, the body, and a delivery owed to each endpoint that may have it."""

import json
import logging
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from itsm.lifecycle import RecordEvent
from itsm.notifications.models import Delivery
from itsm.notifications.outbox import owe_all
from itsm.notifications.web_addresses import our_address
from itsm.webhooks.models import ChatMessage, WebhookDelivery, WebhookEndpoint, WebhookEvent
from itsm.webhooks.pictures import Pictured, kind_of, word_of
from itsm.webhooks.vocabulary import TAKEN_BACK, TEST

logger = logging.getLogger(__name__)

CHANNEL = "webhook"
MOST = 256 * 1024  # bytes of a body; above, it says where the rest is


def type_of(news: RecordEvent) -> str:
    """`incident.put_on_hold`: kind and event, in the signs that Standard Webhooks gives a type."""
    kind, _dot, event = news.event.partition(".")
    return f"{kind}.{word_of(event)}"


def owe(news: RecordEvent, endpoints: Iterable[WebhookEndpoint]) -> int:
    """Owe the message to each of these that may have it, in the caller's transaction. Returns to how many."""
    pictured = kind_of(news.record.kind)
    if pictured is None:
        return 0
    queues = _queues(pictured, news.record)
    told = [one for one in endpoints if may_have(one, queues)]
    if not told:
        return 0
    event = message(news, pictured)
    event.save(force_insert=True)
    return len(send(event, told))


def may_have(endpoint: WebhookEndpoint, queues: dict[int, bool]) -> bool:
    """What lies in a confidential queue is for the endpoints of that team alone. `queues`: team to confidential."""
    if _is_hidden(endpoint, queues):
        return False
    return not endpoint.only_team or endpoint.team_id in queues


def _queues(pictured: Pictured, record: Any) -> dict[int, bool]:
    """In which queues it lies, and whether they are confidential."""
    return {team.pk: team.confidential for team in pictured.queues(record)}


def _is_hidden(endpoint: WebhookEndpoint, queues: dict[int, bool]) -> bool:
    return not {team for team, confidential in queues.items() if confidential} <= {endpoint.team_id}


def is_withheld(endpoint: WebhookEndpoint, event: WebhookEvent) -> bool:
    """Whether its record came to lie in a confidential queue of others since the message was written."""
    pictured = kind_of(event.record_kind)
    record = pictured.model._default_manager.filter(pk=event.record_id).first() if pictured is not None else None
    if pictured is None or record is None:
        return False
    return _is_hidden(endpoint, _queues(pictured, record))


def take_back(news: RecordEvent, endpoints: Iterable[WebhookEndpoint]) -> int:
    """The record lies in a confidential queue: chats of others that show it are told to show it no longer, and the log
    of what was sent to others says no more than that there was something. In the caller's transaction.

    Returns how many messages are owed. Safe to do twice. Nobody can take back what was sent to a program.
    """
    record, pictured = news.record, kind_of(news.record.kind)
    queues = _queues(pictured, record) if pictured is not None else {}
    hidden = [one for one in endpoints if _is_hidden(one, queues)]
    if not hidden:
        return 0
    told = ChatMessage.objects.filter(endpoint__in=hidden, record_kind=record.kind, record_id=record.pk)
    owed = [_taken_back(message, news) for message in told.select_related("endpoint")]
    _say_no_more(record, hidden)
    return sum(owed)


def _taken_back(message: ChatMessage, news: RecordEvent) -> int:
    record, at, type_ = news.record, news.at or timezone.now(), f"{news.record.kind}.{TAKEN_BACK}"
    defaults = {
        "type": type_, "at": at, "record_kind": record.kind, "record_id": record.pk,
        "reference": str(record.reference)[:80], "path": record.get_absolute_url()[:200],
        "body": written(type_, at, _thin(record)),
    }  # fmt: skip
    event, is_new = WebhookEvent.objects.get_or_create(key=f"gone_{message.pk}", defaults=defaults)
    return len(send(event, [message.endpoint])) if is_new else 0


def _say_no_more(record: Any, hidden: Sequence[WebhookEndpoint]) -> None:
    """Of what was sent to these; what is still owed to somebody keeps its words until it has left."""
    still = Delivery.objects.filter(key=OuterRef("key"), delivered_at=None, dead_at=None)
    owed = WebhookDelivery.objects.filter(Exists(still), event=OuterRef("pk"))
    sent = WebhookDelivery.objects.filter(event=OuterRef("pk"), endpoint__in=hidden)
    found = WebhookEvent.objects.filter(Exists(sent), ~Exists(owed), record_kind=record.kind, record_id=record.pk)
    for event in found.exclude(title=""):
        event.title, event.body = "", written(event.type, event.at, _thin(record))
        event.save(update_fields=["title", "body"])


def is_taking_back(event: WebhookEvent) -> bool:
    """Whether it says no more than that its record is shown no longer."""
    return event.type.endswith(f".{TAKEN_BACK}")


def is_confidential(news: RecordEvent) -> bool:
    """Whether the record lies in a confidential queue."""
    pictured = kind_of(getattr(news.record, "kind", ""))
    return pictured is not None and any(_queues(pictured, news.record).values())


def _thin(record: Any) -> dict[str, Any]:
    return {
        "kind": record.kind,
        "number": str(record.reference),
        "url": our_address(record.get_absolute_url()),
        "thin": True,
    }


def send(event: WebhookEvent, endpoints: Sequence[WebhookEndpoint], *, again: bool = False) -> list[WebhookDelivery]:
    """Owe one delivery to each; `again`: a replay, under the same message id. In the caller's transaction."""
    mark = f"-{secrets.token_hex(4)}" if again else ""
    made = [
        WebhookDelivery(endpoint=one, event=event, key=f"webhook-{one.pk}-{event.key}{mark}", is_replay=again)
        for one in endpoints
    ]
    WebhookDelivery.objects.bulk_create(made)
    owe_all(
        [
            # In order for each record; what is sent again by hand waits for nobody.
            Delivery(
                channel=CHANNEL,
                key=one.key,
                payload={"delivery": one.pk},
                aggregate=aggregate_of(one.endpoint_id, event, mark),
            )
            for one in made
        ]
    )
    return made


def aggregate_of(endpoint_id: int, event: WebhookEvent, mark: str = "") -> str:
    """The endpoint up to the colon (two at a time for one), then the record."""
    return f"webhook-{endpoint_id}:{event.record_kind}-{event.record_id}{mark}"[:80]


def test_event(endpoint: WebhookEndpoint, at: datetime) -> WebhookEvent:
    """What "test" sends; not kept."""
    data = {"endpoint": endpoint.name, "says": "This is a test: nothing happened."}
    body = written(TEST, at, data)
    return WebhookEvent(
        key=new_id(), type=TEST, at=at, reference=endpoint.name, title=endpoint.name,
        path=endpoint.get_absolute_url(), body=body,
    )  # fmt: skip


def new_id() -> str:
    return f"msg_{secrets.token_hex(13)}"


def message(news: RecordEvent, pictured: Pictured) -> WebhookEvent:
    """What is sent of this news; not stored yet."""
    record, at, type_ = news.record, news.at or timezone.now(), type_of(news)
    path = record.get_absolute_url()
    thin = _thin(record)
    body = written(type_, at, _drawn(pictured, record) or thin)
    if len(body.encode()) > MOST:
        body = written(type_, at, thin)
    return WebhookEvent(
        key=new_id(), type=type_, at=at, record_kind=record.kind, record_id=record.pk,
        reference=str(record.reference)[:80], title=str(getattr(record, "title", None) or record)[:200],
        path=path[:200], body=body,
    )  # fmt: skip


def _drawn(pictured: Pictured, record: Any) -> dict[str, Any]:
    """The picture; where it cannot be drawn nothing of it, since what people do here waits for no message."""
    try:
        with transaction.atomic():
            return pictured.draw(record)
    except Exception:
        logger.exception("no picture of %s for webhooks", record)
        return {}


def written(type_: str, at: datetime, data: dict[str, Any]) -> str:
    """The body as it is signed and sent."""
    stamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": type_, "timestamp": stamp, "data": data}, cls=JSONEncoder, separators=(",", ":"))
