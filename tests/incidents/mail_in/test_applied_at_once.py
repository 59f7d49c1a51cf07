"""Two workers look at mail at the same instant: each mail is heard once."""

import threading
from collections.abc import Callable, Collection

import pytest
from django.db import connection
from django.utils import timezone

from incidents.models import Incident
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.mail.applying import apply
from itsm.mail.intake import accept
from itsm.mail.models import Bounce, IncomingMail, Mailbox
from itsm.mail.reasons import Status
from tests.incidents.mail_in.conftest import Come
from tests.itsm.mail.mails import a_bounce, a_mail

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(ids: Collection[int]) -> list[str]:
    """Each by a worker with a connection of its own; what went wrong."""
    go, wrong = threading.Barrier(len(ids)), []

    def works(one: int) -> None:
        try:
            connection.ensure_connection()
            go.wait(10)
            apply(one, timezone.now())
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=works, args=[one]) for one in ids]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return wrong


def test_the_same_mail_by_two_workers_is_one_incident(bo: User, mailbox: Mailbox) -> None:
    kept = accept(a_mail(), mailbox=mailbox, at=timezone.now())
    assert at_once([kept.pk] * 3) == []
    assert Incident.objects.count() == 1
    assert IncomingMail.objects.get().status == Status.APPLIED


def test_copies_of_one_mail_are_one_incident(bo: User, mailbox: Mailbox) -> None:
    raw = a_mail(message_id="<same@mail.example.org>")
    ids = [accept(raw, mailbox=mailbox, at=timezone.now(), uidvalidity=1, uid=one).pk for one in (1, 2, 3)]
    assert len({*ids}) == 3
    assert at_once(ids) == []
    assert Incident.objects.count() == 1
    assert sorted(IncomingMail.objects.values_list("status", flat=True)) == ["applied", "ignored", "ignored"]


@pytest.mark.parametrize("sender", [b"From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\n", b""])
def test_copies_of_one_report_are_told_once(
    sender: bytes, bo: User, mailbox: Mailbox, come: Come, written_to: Callable[[Incident, str], str]
) -> None:
    come(a_mail())
    opened = Incident.objects.get()
    raw = a_bounce(written_to(opened, "bo@example.org"), "bo@example.org", "5.1.1")
    raw = raw.replace(b"From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\n", sender)
    ids = [accept(raw, mailbox=mailbox, at=timezone.now(), uidvalidity=1, uid=one).pk for one in (1, 2, 3)]
    assert at_once(ids) == []
    assert Bounce.objects.count() == 1
    assert Entry.objects.filter(event="incident.mail_bounced").count() == 1
    assert sorted(IncomingMail.objects.filter(pk__in=ids).values_list("status", flat=True)) == [
        "applied", "ignored", "ignored",
    ]  # fmt: skip
