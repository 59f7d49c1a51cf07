"""A push is owed to each device of a reader; what it says is made as it leaves (`sending`)."""

from collections.abc import Collection

from django.db import connection

from itsm.notifications.models import Delivery
from itsm.prepared import Prepared

CHANNEL = "push"
_DEVICES = Prepared(
    "push_devices",
    "SELECT user_id, id FROM notifications_pushdevice WHERE user_id = ANY (%(people)s) ORDER BY id",
    people="bigint[]",
)


def owe_push(device_id: int, notifications: list[int], key: str) -> Delivery:
    """A push to one device; no notifications: a trial."""
    return Delivery(
        channel=CHANNEL,
        payload={"device": device_id, "notifications": notifications},
        aggregate=f"push-{device_id}",
        key=key,
    )


def devices_by_person(people: Collection[int]) -> dict[int, list[int]]:
    """The devices of these people. One query at most."""
    found: dict[int, list[int]] = {}
    if people:
        with connection.cursor() as cursor:
            _DEVICES.run(cursor, {"people": list(people)})
            for person, device in cursor.fetchall():
                found.setdefault(person, []).append(device)
    return found
