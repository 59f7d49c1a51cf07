"""A push leaves: encrypted for the one browser that asked for it (RFC 8291), through the judged way out."""

import json
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.utils.translation import gettext as _

from itsm import rows
from itsm.notifications import outgoing
from itsm.notifications.models import Delivery, Notification
from itsm.notifications.outbox import Refused
from itsm.notifications.outgoing import OutgoingFailed
from itsm.notifications.push_models import PushDevice
from itsm.notifications.pushing import keys, messages
from itsm.notifications.sayings import speaking_to
from itsm.notifications.sight import still_seen

SECONDS_KEPT = 4 * 3600  # how long a push service keeps it for a device that is off
_GONE = {404, 410}
_NEVER = {400, 413}  # what is wrong or too large today is so tomorrow
_TIMEOUT = 8.0
_UNREAD = "it.id = ANY (%s) AND it.to_id = %s AND it.read_at IS NULL ORDER BY it.id"


def send_push(owed: Delivery) -> None:
    """Send it. A device that its push service no longer knows is gone; what was read, or is hidden by now, is not sent.

    Raises OutgoingFailed and OutgoingRefused: it stays owed; Refused: it is given up.
    """
    device = rows.joined(PushDevice, ("user",), "it.id = %s", [owed.payload["device"]])
    if device is None or not device.user.is_active or not keys.is_available():
        return
    with speaking_to(device.user):
        said = _said(owed, device)
    if said is None:
        return
    if post(device, said):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE notifications_pushdevice SET sent_at = statement_timestamp() WHERE id = %s", [device.pk]
            )  # fmt: skip


def post(device: PushDevice, said: dict[str, Any], *, seconds_kept: int = SECONDS_KEPT) -> bool:
    """Hand a message to the device's push service, which keeps it so long. False: the device is gone, here too now.

    Urgent, so that a phone that saves its battery is woken (RFC 8030, 5.3); while it is off, a later message of the
    same tag takes the place of an earlier one (5.4), as it would on the screen.
    Raises OutgoingFailed and OutgoingRefused: another try may help; Refused: none would.
    """
    answer = outgoing.fetch(
        "POST",
        device.endpoint,
        body=encrypted(json.dumps(said).encode(), device),
        headers={"Content-Encoding": "aes128gcm", "TTL": str(seconds_kept), "Urgency": "high",
                 "Topic": keys.topic_of(said["tag"]), "Content-Type": "application/octet-stream"},
        credentials=keys.sender_for(device.endpoint),
        timeout=_TIMEOUT,
        cut_at=2_000,
    )  # fmt: skip
    if answer.status in _GONE:
        PushDevice.objects.filter(pk=device.pk).delete()
        return False
    if answer.status in _NEVER:
        raise Refused(_("The push service answered %(status)d.") % {"status": answer.status})
    if not 200 <= answer.status < 300:
        raise OutgoingFailed(_("The push service answered %(status)d.") % {"status": answer.status})
    return True


def _said(owed: Delivery, device: PushDevice) -> dict[str, Any] | None:
    ids = owed.payload["notifications"]
    if not ids:
        return messages.trial(device)
    told = rows.every(Notification, (), _UNREAD, [ids, device.user_id])
    seen = still_seen(device.user, told)
    return messages.message_of(seen, device) if seen else None


def encrypted(content: bytes, device: PushDevice) -> bytes:
    """For this browser alone, with a key of this message."""
    return bytes(
        http_ece.encrypt(
            content,
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=keys.decoded(device.p256dh),
            auth_secret=keys.decoded(device.auth),
            version="aes128gcm",
        )
    )
