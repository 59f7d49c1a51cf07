"""News reach people: behind the bell, and over real SMTP where they have an address."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from itsm.accounts.models import User
from itsm.notifications import outbox
from itsm.notifications.models import Delivery, Notification
from itsm.notifications.notifying import notify
from tests.itsm.smtp_sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    with Sink() as listening:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listening.port
        yield listening


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada", email="ada@example.com")


def relay() -> int:
    return outbox.relay(timezone.now() + timedelta(seconds=1))


def test_a_mail_arrives_and_says_that_no_person_wrote_it(sink: Sink, ada: User, settings) -> None:
    notify([ada], "CHG-00001 waits\nfor you", body="Please decide.", path="/changes/CHG-00001/")
    assert relay() == 1
    ((recipients, mail),) = sink.mails
    assert recipients == ["ada@example.com"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "CHG-00001 waits for you"
    assert mail["Message-ID"] == f"<notification-{Notification.objects.get().pk}@headroom.invalid>"
    assert f"{settings.BASE_URL}/changes/CHG-00001/" in mail.get_payload(0).get_payload()


def test_sending_again_carries_the_same_message_id(sink: Sink, ada: User) -> None:
    notify([ada], "News")
    relay()
    Delivery.objects.update(delivered_at=None)
    relay()
    first, second = (mail["Message-ID"] for _, mail in sink.mails)
    assert first == second


def test_headers_cannot_be_smuggled_in(sink: Sink, ada: User) -> None:
    notify([ada], "Hello\r\nBcc: all@example.com\r\n\r\nBuy", body="x\r\n.\r\nMAIL FROM:<evil@example.com>")
    relay()
    ((recipients, mail),) = sink.mails
    assert recipients == ["ada@example.com"]
    assert mail["Bcc"] is None


@pytest.mark.parametrize("person", [{"email": ""}, {"email": "ada@example.com", "is_active": False}])
def test_without_an_address_or_an_account_nothing_is_sent(sink: Sink, person: dict) -> None:
    bob = User.objects.create(username="bob", **person)
    assert notify([bob], "News") == 1
    relay()
    assert sink.mails == []
    assert not Delivery.objects.filter(delivered_at=None).exists()  # nothing stays owed
    assert bob.notifications.count() == 1


def test_a_person_is_told_once_however_often_they_are_named(ada: User) -> None:
    assert notify([ada, ada, User.objects.get(pk=ada.pk)], "News") == 1


def test_a_mail_server_that_is_away_leaves_it_owed(ada: User, settings) -> None:
    with Sink() as gone:
        port = gone.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    notify([ada], "News")
    assert relay() == 0
    assert Delivery.objects.get().last_error.startswith("ConnectionRefusedError")
