"""Every subscriber is told once, whatever is killed meanwhile: while they are counted up, and while mails leave."""

from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.statuspage import delivering
from itsm.statuspage.models import Subscriber
from itsm.statuspage.operations import notices
from tests.itsm.statuspage.conftest import Acme
from tests.itsm.statuspage.test_subscribing import LATER
from tests.slo.proving import IN_FULL

# In full each mail is committed by itself, as it is outside of tests: in one transaction ten thousand take for ever.
pytestmark = [pytest.mark.django_db(transaction=IN_FULL), pytest.mark.timeout(3600 if IN_FULL else 300)]
COUNT = 10_000 if IN_FULL else 120
KILLED_AT = [COUNT // 3, COUNT // 2]


class Killed(BaseException):
    """What no handler of errors hears."""


class MortalBackend(EmailBackend):
    """Dies before it has sent the one or the other mail."""

    died: list[int] = []

    def send_messages(self, messages: Any) -> int:
        if len(mail.outbox) in KILLED_AT and len(mail.outbox) not in self.died:
            self.died.append(len(mail.outbox))
            raise Killed
        return int(super().send_messages(messages))


def relays(lane: Lane) -> int:
    """How often it was begun anew until nothing is owed."""
    begun = 0
    while True:
        begun += 1
        try:
            outbox.relay(timezone.now() + LATER, limit=COUNT * 2, lanes=[lane])
            return begun
        except Killed:
            continue


@pytest.mark.in_turn(3, at=2)
def test_ten_thousand_are_told_once_through_three_kills(
    acme: Acme, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.MortalBackend"
    at = timezone.now()
    Subscriber.objects.bulk_create(
        Subscriber(page=acme.page, address=f"c{one}@example.org", asked_at=at, asks_since=at, confirmed_at=at)
        for one in range(COUNT)
    )
    notices.publish(
        acme.page, actor=acme.speaker, at=at, title="It fails", body="All of it.", states={acme.shop.pk: "major_outage"}
    )
    owed, calls = delivering.owe_all, []

    def mortal(deliveries: Any) -> None:
        calls.append(len(deliveries))
        owed(deliveries)
        if len(calls) == 2:
            raise Killed

    monkeypatch.setattr(delivering, "_AT_ONCE", COUNT // 3)
    monkeypatch.setattr(delivering, "owe_all", mortal)
    mail.outbox = []
    MortalBackend.died.clear()
    assert relays(Lane.INTAKE) == 2
    assert relays(Lane.MAIL) == 3
    assert sorted(one.to[0] for one in mail.outbox) == sorted(f"c{one}@example.org" for one in range(COUNT))
    assert len({one.extra_headers["Message-ID"] for one in mail.outbox}) == COUNT
