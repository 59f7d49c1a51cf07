"""After a restore nothing leaves until a person says so, and everybody can see that."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.home import probes
from itsm.notifications import outbox
from itsm.notifications.models import Delivery, Quarantine
from itsm.notifications.notifying import notify
from itsm.run.dumps import _HOLD_AND_COMMIT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No nudge to the real broker from here."""
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)


def held() -> None:
    """As the restore does it, by its own statement."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_AND_COMMIT.partition(";")[0].format(reason="restored from a backup of today"))


def test_outgoing_mail_is_held_until_it_is_released_and_leaves_once(settings) -> None:
    ada = User.objects.create(username="ada", email="ada@example.com")
    settings.EMAIL_HOST = "mail.example"
    held()
    notify([ada], "News")
    assert Delivery.objects.count() == 1
    assert outbox.relay(timezone.now()) == 0
    assert Delivery.objects.get().attempts == 0
    assert mail.outbox == []

    said = StringIO()
    call_command("release_outgoing", stdout=said)
    assert "1 deliveries are owed" in said.getvalue()
    assert outbox.relay(timezone.now()) == 1
    assert outbox.relay(timezone.now()) == 0
    assert [one.to for one in mail.outbox] == [["ada@example.com"]]


def test_the_release_is_audited_and_there_is_nothing_to_release_twice() -> None:
    held()
    call_command("release_outgoing", stdout=StringIO())
    entry = Entry.objects.get(event="released outgoing")
    assert (entry.actor_name, entry.record_kind, entry.remark) == ("release_outgoing", "quarantine", "0 owed")
    assert Quarantine.objects.get().released_at is not None
    with pytest.raises(CommandError, match="Nothing is held"):
        call_command("release_outgoing", stdout=StringIO())


def test_probes_and_the_desk_say_so(web, engineer: User, requester: User) -> None:
    note = "Outgoing mail and webhooks are held"
    assert probes._outgoing() == {}
    assert note not in web(engineer).get("/").content.decode()
    held()
    assert probes._outgoing()["outgoing"].startswith("held since 2")
    assert note in web(engineer).get("/").content.decode()
    assert note not in web(requester).get("/").content.decode()
