"""Telling people: a notification behind the bell, and a mail to those who have an address."""

from collections.abc import Iterable
from typing import Any

from django.core.mail import EmailMessage
from django.utils import timezone

from itsm import deeds
from itsm.configuration.reading import MailServer
from itsm.notifications.models import Delivery, Notification
from itsm.notifications.outbox import owe_all
from itsm.notifications.web_addresses import our_address


def notify(people: Iterable[Any], subject: str, *, body: str = "", path: str = "", record: Any = None) -> int:
    """Owe each of these users one notification, in the caller's transaction. Returns how many.

    What a deed tells of its record waits for its end, and is one notification a person.
    """
    if (deed := deeds.under_way(record)) is not None:
        by_id = {person.pk: person for person in people}
        deed.keep_message(by_id, subject, body, {"path": path, "record": record})
        return len(by_id)
    told = Notification.objects.bulk_create(
        Notification(
            to_id=person.pk,
            subject=subject[:200],
            body=body,
            path=path,
            record_kind=getattr(record, "kind", ""),
            record_id=getattr(record, "pk", None),
        )
        for person in {person.pk: person for person in people}.values()
    )
    owe_all([_mail(notification) for notification in told])
    return len(told)


def _mail(told: Notification) -> Delivery:
    return Delivery(
        channel="mail",
        payload={"notification": told.pk},
        aggregate=f"person-{told.to_id}",
        key=f"notification-{told.pk}",
    )


def mark_read(person: Any, *, notification_id: int | None = None) -> int:
    """A person has read their own notifications: all of them, or the one named. Returns how many."""
    mine = Notification.objects.filter(to_id=person.pk, read_at=None)
    if notification_id is not None:
        mine = mine.filter(pk=notification_id)
    return mine.update(read_at=timezone.now())


def send_mail(owed: Delivery) -> None:
    """Mail one notification; to somebody without an address there is nothing to send."""
    notification = Notification.objects.select_related("to").filter(pk=owed.payload["notification"]).first()
    if notification is None or not notification.to.email or not notification.to.is_active:
        return
    link = f"\n\n{our_address(notification.path)}" if notification.path else ""
    EmailMessage(
        subject=" ".join(notification.subject.split()),
        body=f"{notification.body}{link}\n",
        from_email=MailServer().sender,
        to=[notification.to.email],
        headers={"Auto-Submitted": "auto-generated", "Message-ID": f"<{owed.key}@headroom.invalid>"},
    ).send()
