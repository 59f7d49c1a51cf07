"""Telling people: a notification behind the bell, and a mail to those who have an address."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from itsm import deeds
from itsm.notifications import letters
from itsm.notifications.endings import ending_of
from itsm.notifications.letters import Letter
from itsm.notifications.models import Delivery, Notification
from itsm.notifications.outbox import owe_all
from itsm.notifications.sight import still_seen
from itsm.notifications.web_addresses import our_address
from itsm.notifications.wishes import Way

WISHES = "/profile/notifications/"  # where people say what reaches them


def notify(
    people: Iterable[Any],
    subject: str,
    *,
    body: str = "",
    path: str = "",
    record: Any = None,
    how: Mapping[int, Way] | None = None,
) -> int:
    """Owe each of these users one notification, in the caller's transaction. Returns how many.

    The bell rings at once. `how`, by user: when the mail leaves, and by which rule; who is not named there is mailed at
    once. `telling.tell` works it out from rules, wishes and quiet hours. What a deed tells of its record waits for its
    end, and is one notification a person.
    """
    if (deed := deeds.under_way(record)) is not None:
        by_id = {person.pk: person for person in people}
        deed.keep_message(by_id, subject, body, {"path": path, "record": record, "how": how})
        return len(by_id)
    ways = how or {}
    told = Notification.objects.bulk_create(
        Notification(
            to_id=person.pk,
            subject=subject[:200],
            body=body,
            path=path,
            record_kind=getattr(record, "kind", ""),
            record_id=getattr(record, "pk", None),
            event=way.event,
            relation=way.relation,
            by_wish=way.by_wish,
            digest_at=way.digest_at,
        )
        for person in {person.pk: person for person in people}.values()
        for way in [ways.get(person.pk, Way())]
    )
    owe_all([_mail(one, ways.get(one.to_id, Way())) for one in told if one.digest_at is None])
    return len(told)


def _mail(told: Notification, way: Way) -> Delivery:
    """What waits for an instant of its own stands in no order: what comes later must not wait behind it."""
    owed = Delivery(
        channel="mail",
        payload={"notification": told.pk},
        aggregate=f"person-{told.to_id}",
        key=f"notification-{told.pk}",
    )
    if way.mail_at is not None:
        owed.due_at, owed.aggregate = way.mail_at, owed.key
    return owed


def mark_read(person: Any, *, notification_id: int | None = None) -> int:
    """A person has read their own notifications: all of them, or the one named. Returns how many."""
    mine = Notification.objects.filter(to_id=person.pk, read_at=None)
    if notification_id is not None:
        mine = mine.filter(pk=notification_id)
    return mine.update(read_at=timezone.now())


def send_mail(owed: Delivery) -> None:
    """Mail one notification; to somebody without an address, or who sees it no longer, there is nothing to send."""
    notification = Notification.objects.select_related("to").filter(pk=owed.payload["notification"]).first()
    if notification is None or not still_seen(notification.to, [notification]):
        return
    letters.send(
        Letter(
            to=notification.to,
            subject=notification.subject,
            body=notification.body,
            key=owed.key,
            link=our_address(notification.path) if notification.path else "",
            ending=ending_of(notification),
            why=f"{notification.why} {our_address(WISHES)}" if notification.why else "",
            notification=notification,
        )
    )


def send_to(person: Any, subject: str, body: str, key: str, *, is_collected: bool = False) -> None:
    """One mail to a person; nothing to who has no address or has left. The same `key` is the same message."""
    letters.send(Letter(to=person, subject=subject, body=body, key=key, is_collected=is_collected))
