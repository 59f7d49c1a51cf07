"""A push is owed to each device of a reader; what it says is made as it leaves (`sending`)."""

from collections.abc import Collection

from itsm.notifications.models import Delivery, PushDevice

CHANNEL = "push"


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
    rows = PushDevice.objects.filter(user__in=people).values_list("user_id", "pk") if people else ()
    for person, device in rows:
        found.setdefault(person, []).append(device)
    return found
