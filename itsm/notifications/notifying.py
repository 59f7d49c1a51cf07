"""Telling people: a notification behind the bell, and a mail to those who have an address."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation

from itsm import deeds, rows
from itsm.notifications import letters
from itsm.notifications.endings import ending_of
from itsm.notifications.letters import Letter
from itsm.notifications.models import Collecting, Delivery, Notification
from itsm.notifications.outbox import owe_all
from itsm.notifications.pushing.owing import devices_by_person, owe_push
from itsm.notifications.sayings import Words, language_of, speaking_to
from itsm.notifications.sight import still_seen
from itsm.notifications.web_addresses import our_address
from itsm.notifications.wishes import Leaving, Way, ways


def notify(
    people: Iterable[Any],
    subject: Words,
    *,
    body: Words = "",
    path: str = "",
    record: Any = None,
    note: Any = None,
    how: Mapping[int, Way] | None = None,
    by: tuple[str, str] | None = None,
) -> int:
    """Owe each of these users one notification, in the caller's transaction. Returns how many.

    The bell rings at once. `by`: the rule (event, relation) that tells them; wishes and quiet hours then say what else
    leaves, and when. `how`, by user: the same, worked out by `telling.tell`. Who stands in neither is mailed at once.
    `note`: the public note whose words the body passes on; its mail leaves as its writer's, with the note's files.
    What a deed tells of its record waits for its end, and is one notification a person.
    """
    if by is not None:
        people = list({person.pk: person for person in people}.values())
        how = ways(by[0], {person: [by[1]] for person in people}, at=timezone.now()) if people else {}
    if (deed := deeds.under_way(record)) is not None:
        by_id = {person.pk: person for person in people}
        deed.keep_message(by_id, subject, body, {"path": path, "record": record, "note": note, "how": how})
        return len(by_id)
    over = how or {}
    readers = {person.pk: person for person in people}
    said = _said_to(readers.values(), subject, body)
    told = [
        Notification(
            to_id=person.pk,
            subject=said[language_of(person)][0][:200],
            body=said[language_of(person)][1],
            path=path,
            record_kind=getattr(record, "kind", ""),
            record_id=getattr(record, "pk", None),
            note_id=getattr(note, "pk", None),
            reference=str(getattr(record, "reference", ""))[:40],
            event=way.event,
            relation=way.relation,
            is_mailed=any(channel == "mail" and not leaving.is_collected for channel, leaving in way.over.items()),
        )
        for person in readers.values()
        for way in [over.get(person.pk, Way())]
    ]
    rows.insert_all(told)
    _leave([(one, over.get(one.to_id, Way())) for one in told])
    return len(told)


def _said_to(readers: Iterable[Any], subject: Words, body: Words) -> dict[str, tuple[str, str]]:
    """The words in each language that is read."""
    said: dict[str, tuple[str, str]] = {}
    for language in {language_of(one) for one in readers}:
        with translation.override(language):
            said[language] = str(subject), str(body)
    return said


def _leave(told: list[tuple[Notification, Way]]) -> None:
    """Owe what leaves by itself, and keep what is collected."""
    leaving = [(one, channel, how) for one, way in told for channel, how in way.over.items()]
    rows.insert_all(
        [
            Collecting(notification=one, channel=channel, due_at=how.at or timezone.now(), by_wish=how.by_wish)
            for one, channel, how in leaving
            if how.is_collected
        ]
    )
    alone = [(one, channel, how) for one, channel, how in leaving if not how.is_collected]
    mails = [_at(_mail(one), how) for one, channel, how in alone if channel == "mail"]
    owe_all([*mails, *_pushes([(one, how) for one, channel, how in alone if channel == "push"])])


def _pushes(alone: list[tuple[Notification, Leaving]]) -> list[Delivery]:
    """One for each device of each reader."""
    devices = devices_by_person([one.to_id for one, _how in alone])
    return [
        _at(owe_push(device, [one.pk], f"push-{one.pk}-{device}"), how)
        for one, how in alone
        for device in devices.get(one.to_id, ())
    ]


def _mail(told: Notification) -> Delivery:
    return Delivery(
        channel="mail",
        payload={"notification": told.pk},
        aggregate=f"person-{told.to_id}",
        key=f"notification-{told.pk}",
    )


def _at(owed: Delivery, how: Leaving) -> Delivery:
    """What waits for an instant of its own stands in no order: what comes later must not wait behind it."""
    if how.at is not None:
        owed.due_at, owed.aggregate = how.at, owed.key
    return owed


def mark_read(person: Any, *, notification_id: int | None = None) -> int:
    """A person has read their own notifications: all of them, or the one named. Returns how many."""
    mine = Notification.objects.filter(to_id=person.pk, read_at=None)
    if notification_id is not None:
        mine = mine.filter(pk=notification_id)
    return mine.update(read_at=timezone.now())


def send_mail(owed: Delivery) -> None:
    """Mail one notification; to somebody without an address, or who sees it no longer, there is nothing to send."""
    notification = rows.joined(Notification, ("to",), "it.id = %s", [owed.payload["notification"]])
    if notification is None or not still_seen(notification.to, [notification]):
        return
    with speaking_to(notification.to):
        letters.send(
            Letter(
                to=notification.to,
                subject=notification.subject,
                body=notification.body,
                key=owed.key,
                link=our_address(notification.path) if notification.path else "",
                ending=ending_of(notification),
                why=why_line(notification),
                notification=notification,
            )
        )


def forget(news: QuerySet[Notification]) -> None:
    """Take these notifications away, and the mails of them that are owed: they would tell of nothing. Raises nothing.

    One that is leaving at this moment is not waited for; where it does not leave, nothing is sent the next time.
    """
    keys = [f"notification-{pk}" for pk in news.values_list("pk", flat=True)]
    owed = Delivery.objects.filter(key__in=keys, delivered_at=None, dead_at=None)
    mine = list(owed.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=mine).delete()
    news.delete()


def why_line(notification: Notification) -> str:
    """Why its reader gets this, and where they say otherwise."""
    return f"{notification.why} {our_address(notification.wish_path)}"


def send_to(person: Any, subject: str, body: str, key: str, *, is_collected: bool = False) -> None:
    """One mail to a person; nothing to who has no address or has left. The same `key` is the same message."""
    letters.send(Letter(to=person, subject=subject, body=body, key=key, is_collected=is_collected))
