"""What people wish to get collected: one mail for all that came until its hour.

Collecting is one transaction: the rows are marked and one delivery a person is owed, or neither. So nothing leaves
twice, a kill loses nothing, and what commits late leaves with the next one.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, ngettext

from itsm.notifications.models import Collecting, Delivery, Notification
from itsm.notifications.notifying import send_to
from itsm.notifications.outbox import owe_all
from itsm.notifications.pushing.owing import devices_by_person, owe_push
from itsm.notifications.rules import WISHES
from itsm.notifications.sayings import speaking_to
from itsm.notifications.sight import still_seen
from itsm.notifications.web_addresses import our_address

AT_ONCE = 2_000
SHOWN = 200  # lines of one mail


@transaction.atomic
def collect(at: datetime, limit: int = AT_ONCE) -> int:
    """Owe each person one mail, or each of their devices one push, of what was to be collected until `at`.

    Repeatable. Returns how many people.
    """
    waiting = Collecting.objects.filter(due_at__lte=at, collected_at=None).order_by("due_at", "id")
    found = list(waiting.select_for_update(no_key=True, skip_locked=True)[:limit])
    reader = dict(
        Notification.objects.filter(pk__in=[one.notification_id for one in found]).values_list("pk", "to_id").order_by()
    )
    together: dict[tuple[str, int], list[int]] = {}
    for one in found:
        together.setdefault((one.channel, reader[one.notification_id]), []).append(one.notification_id)
    Collecting.objects.filter(pk__in=[one.pk for one in found]).update(collected_at=at)
    owe_all([_digest(person, sorted(ids)) for (channel, person), ids in together.items() if channel == "mail"])
    devices = devices_by_person([person for channel, person in together if channel == "push"])
    owe_all(
        [
            owe_push(device, sorted(ids), f"push-digest-{min(ids)}-{device}")
            for (channel, person), ids in together.items()
            if channel == "push"
            for device in devices.get(person, ())
        ]
    )
    return len({person for _channel, person in together})


def _digest(person: int, ids: list[int]) -> Delivery:
    return Delivery(
        channel="digest",
        payload={"notifications": ids},
        aggregate=f"digest-{person}",
        key=f"digest-{person}-{ids[0]}",
    )


def send_digest(owed: Delivery) -> None:
    """Mail what was collected and is still unread; nothing where all of it was read, or is seen no longer."""
    ids = owed.payload["notifications"]
    told = list(Notification.objects.select_related("to").filter(pk__in=ids, read_at=None).order_by("id"))
    told = still_seen(told[0].to, told) if told else []
    if not told:
        return
    with speaking_to(told[0].to):
        _send(told, owed.key)


def _send(told: list[Notification], key: str) -> None:
    subject = ngettext("%(count)s piece of news", "%(count)s pieces of news", len(told)) % {"count": len(told)}
    lines = [f"{one.subject}\n{our_address(one.path) if one.path else ''}".rstrip() for one in told[:SHOWN]]
    if len(told) > SHOWN:
        lines.append(
            gettext("The rest stands behind the bell: %(address)s") % {"address": our_address("/notifications/")}
        )
    lines.append(f"{_why_collected(told)} {our_address(WISHES)}")
    send_to(told[0].to, subject, "\n\n".join(lines), key, is_collected=True)


def _why_collected(told: list[Notification]) -> str:
    """By whose word they were collected, as a sentence; kept as it was when they came."""
    wished = set(
        Collecting.objects.filter(notification__in=told, channel="mail").values_list("by_wish", flat=True).distinct()
    )
    if wished == {True}:
        return gettext("You get these collected because you wish so:")
    if wished == {False}:
        return gettext("You get these collected because this desk collects such news unless you wish otherwise:")
    return gettext("You get these collected because you, or the rules of this desk, have it so:")
