"""Kill -9 at the drop door and while a mail is applied: the sender sends again, and nothing is lost or doubled."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.models import Incident
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.mail import acknowledging, incoming_api, intake
from itsm.mail.applying import apply
from itsm.mail.models import IncomingMail, Mailbox
from itsm.notifications.models import Notification
from tests.itsm.mail.mails import a_mail

pytestmark = pytest.mark.django_db(transaction=True)
DOOR = "/api/v1/integrations/mail/"
Patch = pytest.MonkeyPatch


def die(*_: object, **__: object) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def in_a_process_that_dies(work: Callable[[], object]) -> None:
    """In a copy of this process, with connections of its own; if nothing else kills it, the end does. What went wrong
    in it before is said here."""
    connections.close_all()
    heard, said = os.pipe()
    child = os.fork()
    if not child:
        try:
            answer = work()
            for _again in range(20):  # as a sender does where the desk says that it is busy
                if getattr(answer, "status_code", 200) != 503:
                    break
                time.sleep(0.2)
                answer = work()
            if getattr(answer, "status_code", 200) >= 300:
                os.write(said, str(answer.content).encode()[:2000])  # type: ignore[attr-defined]
        except BaseException as error:
            os.write(said, repr(error).encode()[:2000])
        finally:
            die()
    os.close(said)
    _pid, ended = os.waitpid(child, 0)
    with os.fdopen(heard, "rb") as wrong:
        assert wrong.read() == b""
    assert os.WTERMSIG(ended) == signal.SIGKILL


@pytest.fixture
def pipe(person: Any, api: Any, agent: User) -> APIClient:
    client: APIClient = api(person("agent", username="pipe", account_type="service", owner=agent))
    return client


def before_its_row(patch: Patch) -> None:
    """The bytes lie on the disk; the row is not committed."""
    patch.setattr(intake.due, "schedule", die)


def before_the_answer_is_made(patch: Patch) -> None:
    patch.setattr(incoming_api.DropDoorViewSet, "respond", die)


def before_the_answer_leaves(patch: Patch) -> None:
    """All is committed, and nobody is told."""


@pytest.mark.parametrize("dies", [before_its_row, before_the_answer_is_made, before_the_answer_leaves])
def test_between_bytes_row_and_acknowledgement(
    dies: Callable[[Patch], None], mailbox: Mailbox, bo: User, pipe: APIClient
) -> None:
    raw = a_mail()
    with pytest.MonkeyPatch.context() as patch:
        dies(patch)
        in_a_process_that_dies(lambda: pipe.post(DOOR, raw, content_type="message/rfc822"))
    left = IncomingMail.objects.count()
    assert left == (0 if dies is before_its_row else left)
    again = pipe.post(DOOR, raw, content_type="message/rfc822")
    assert again.status_code == 202
    due.sweep(timezone.now())
    due.sweep(timezone.now())
    assert IncomingMail.objects.get().pk == again.json()["intake"]
    assert (Incident.objects.get().caller, IncomingMail.objects.get().status) == (bo, "applied")


def test_what_was_committed_is_applied_though_the_sender_never_comes_again(
    mailbox: Mailbox, bo: User, pipe: APIClient
) -> None:
    in_a_process_that_dies(lambda: pipe.post(DOOR, a_mail(), content_type="message/rfc822"))
    due.sweep(timezone.now())
    assert Incident.objects.get().caller == bo


def test_while_it_is_applied(mailbox: Mailbox, bo: User, monkeypatch: Patch) -> None:
    kept = intake.accept(a_mail(), mailbox=mailbox, at=timezone.now())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acknowledging, "acknowledge", die)  # the record is there, and not committed
        in_a_process_that_dies(lambda: apply(kept.pk, timezone.now()))
    assert (Incident.objects.count(), IncomingMail.objects.get().status) == (0, "new")
    due.sweep(timezone.now())
    assert (Incident.objects.count(), IncomingMail.objects.get().status) == (1, "applied")
    assert Notification.objects.filter(to=bo).count() == 1
