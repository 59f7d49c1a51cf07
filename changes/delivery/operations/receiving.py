"""A delivery is kept before anything is made of it. The same one again is answered as the first time."""

import hashlib
import zlib
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from changes.delivery.models import PlatformDelivery
from changes.delivery.operations.proving import Proven
from changes.delivery.vocabulary import DeliveryStatus, Platform
from itsm.api.parsers import loads
from itsm.clocks import due
from itsm.kernel.errors import Conflict, InvalidInput, Unavailable

APPLYING = "deliveries: apply what came"
MOST_WAITING = 20_000


class OtherBody(Conflict):
    """A delivery of this id came before, with other bytes."""

    code, title = "delivery-id-mismatch", "This id is another delivery's"


def accept(proven: Proven, raw: bytes, *, at: datetime) -> PlatformDelivery:
    """Keep it, and promise that it is applied.

    Raises ParseError (no JSON, NUL, nested too deeply), InvalidInput (no object), OtherBody, and Unavailable where too
    much waits.
    """
    if not isinstance(loads(raw), dict) and proven.source.platform != Platform.GENERIC:
        raise InvalidInput(gettext("The body is a JSON object."))
    waiting = PlatformDelivery.objects.filter(status=DeliveryStatus.NEW).order_by()[: MOST_WAITING + 1].count()
    if waiting > MOST_WAITING:
        raise Unavailable(gettext("Too much waits to be applied; send this again in a few seconds."))
    kept, is_new = keep(proven, raw, at=at)
    if is_new:
        soon(proven.source.pk, at)
    return kept


def keep(proven: Proven, raw: bytes, *, at: datetime) -> tuple[PlatformDelivery, bool]:
    """The row of this delivery, and whether it is new. Raises OtherBody."""
    sha256 = hashlib.sha256(raw).hexdigest()
    kept, is_new = PlatformDelivery.objects.get_or_create(
        source=proven.source,
        delivery_id=proven.delivery_id,
        defaults={
            "event": proven.event, "body": zlib.compress(raw, 1), "sha256": sha256, "size": len(raw), "received_at": at,
        },
    )  # fmt: skip
    # An event of CDEvents is the same one bare and within a CloudEvent.
    if kept.sha256 != sha256 and proven.source.platform != Platform.CDEVENTS:
        raise OtherBody(gettext("A delivery of this id came before, with another body; it is not taken."))
    return kept, is_new


def soon(source_id: int, at: datetime) -> None:
    """Promise that what waits of a source is applied. Raises nothing."""
    due.schedule(APPLYING, "delivery_source", source_id, at)


def body_of(delivery: PlatformDelivery) -> bytes:
    """The body as it came."""
    return zlib.decompress(bytes(delivery.body))


def document_of(delivery: PlatformDelivery) -> Any:
    """The body, parsed. Raises ParseError."""
    return loads(body_of(delivery))
