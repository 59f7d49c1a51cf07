"""Files for forms against who fills the disk with what they take back, and against two tabs at once."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from catalog.items import operations as items
from catalog.items.operations import uploads
from catalog.models import FormUpload
from itsm.accounts.models import User
from itsm.files import operations as files
from itsm.files.models import Attachment
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from tests.factories.files import received

FILE = b"%PDF-1.4 " + b"x" * 991


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["take_back", "leave_nothing"])
def test_what_was_taken_back_counts_for_the_day(
    way: str, requester: User, as_actor: Callable[[User], Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES_A_DAY", 2500)
    asker, now = as_actor(requester), timezone.now()
    for turn in range(2):
        made = items.upload(received("plan.pdf", FILE + b"%d" % turn), actor=asker, at=now)
        if way == "take_back":
            items.take_back(made, actor=asker)
        else:
            assert items.leave_nothing([str(made.key)], actor=asker) == {str(made.key): "plan.pdf"}
        assert not Attachment.objects.filter(withdrawn_at=None).exists()
    with pytest.raises(Conflict, match="24 hours"):
        items.upload(received("plan.pdf", FILE), actor=asker, at=now)
    items.forget_unused(now + timedelta(hours=25))
    assert not Attachment.objects.exists()
    assert not FormUpload.objects.exists()


@pytest.mark.django_db
def test_what_was_taken_back_waits_for_nothing(
    requester: User, as_actor: Callable[[User], Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_UNUSED", 2)
    asker, now = as_actor(requester), timezone.now()
    for _turn in range(4):
        items.take_back(items.upload(received("plan.pdf", FILE), actor=asker, at=now), actor=asker)
    items.upload(received("plan.pdf", FILE), actor=asker, at=now)
    items.upload(received("plan.pdf", FILE), actor=asker, at=now)
    with pytest.raises(Conflict, match="wait to be asked"):
        items.upload(received("plan.pdf", FILE), actor=asker, at=now)


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_at_the_limit_one_sends(
    requester: User, as_actor: Callable[[User], Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_UNUSED", 1)
    asker, both, said = as_actor(requester), threading.Barrier(2), []
    keep: Any = files.keep

    def meets(*args: Any, **more: Any) -> Any:
        both.wait(10)  # each has been found to have room
        return keep(*args, **more)

    monkeypatch.setattr(files, "keep", meets)

    def sends() -> None:
        try:
            items.upload(received("plan.pdf", FILE), actor=asker, at=timezone.now())
            said.append("sent")
        except Exception as error:
            said.append(type(error).__name__)
        finally:
            connection.close()

    tabs = [threading.Thread(target=sends) for _ in range(2)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join(20)
    assert sorted(said) == ["Conflict", "sent"]
    assert FormUpload.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_at_this_instant_is_asked_with_by_nobody(
    requester: User, as_actor: Callable[[User], Actor]
) -> None:
    asker, now = as_actor(requester), timezone.now()
    made, other = (items.upload(received("plan.pdf", FILE), actor=asker, at=now) for _ in range(2))
    said: list[str] = []

    def asks() -> None:
        try:
            uploads.use_uploads([str(made.key)], FormUpload.objects.get(pk=other.record_id), actor=asker)
            said.append("used")
        except Exception as error:
            said.append(type(error).__name__)
        finally:
            connection.close()

    asking = threading.Thread(target=asks)
    with transaction.atomic():
        items.take_back(made, actor=asker)
        asking.start()
        wait_until_somebody_waits()
    asking.join(20)
    assert said == ["InvalidInput"]
    assert FormUpload.objects.get(pk=made.record_id).record_id is None


def wait_until_somebody_waits() -> None:
    """For a lock of ours."""
    for _turn in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    pytest.fail("nobody waits")
