"""A team with a mailbox, a real mail server that keeps what it is sent, and somebody who asks the desk."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from itsm.accounts.models import Team
from itsm.mail.models import Mailbox
from itsm.notifications import outbox
from tests.itsm.smtp_sink import Sink


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    with Sink() as listening:
        settings.EMAIL_BACKEND = "itsm.notifications.mail.AsConfigured"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listening.port
        yield listening


@pytest.fixture
def payments(db: None) -> Team:
    return Team.objects.create(name="Payments", slug="payments", takes_work=True)


@pytest.fixture
def mailbox(payments: Team) -> Mailbox:
    return Mailbox.objects.create(
        slug="payments", address="payments@desk.example", aliases=["pay@desk.example"], team=payments,
        from_name="Payments desk", signature="Payments desk\nMonday to Friday",
    )  # fmt: skip


def relay() -> int:
    """Everything that is owed leaves."""
    return outbox.relay(timezone.now() + timedelta(seconds=1))
