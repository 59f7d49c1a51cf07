"""What somebody tries who writes in another's name, or at the same time, or reads what was handed on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.accounts.operations.addresses import set_primary_address
from itsm.audit.models import Entry
from itsm.mail.applying import apply
from itsm.mail.intake import accept
from itsm.mail.models import IncomingMail, Mailbox
from itsm.mail.reasons import Did, Reason
from itsm.work.models import Watcher
from tests.factories import requests as wishes
from tests.incidents.mail_in.conftest import Come
from tests.incidents.mail_in.test_other_records import written
from tests.itsm.mail.mails import a_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def eve(person: Any) -> User:
    made: User = person("requester", username="eve")
    set_primary_address(made, "eve@example.org")
    return made


@pytest.fixture
def opened(bo: User, come: Come) -> Incident:
    come(a_mail())
    return Incident.objects.get()


def test_who_writes_in_anothers_name_lets_nobody_follow(
    opened: Incident, eve: User, come: Come, written_to: Callable[[Incident, str], str]
) -> None:
    forged = come(a_mail(subject=f"[{opened.reference}]", text="More.", cc="eve@example.org"))
    assert (forged.did, forged.record_id) == (Did.COMMENTED, opened.pk)
    assert not Watcher.objects.exists()
    come(a_mail(text="And eve.", cc="eve@example.org", References=written_to(opened, "bo@example.org")))
    assert [one.user for one in Watcher.objects.all()] == [eve]


def test_a_copy_lets_nobody_follow_in_a_confidential_queue_who_does_not_see_it(
    bo: User, eve: User, worker: User, queue: Team, come: Come
) -> None:
    Team.objects.filter(pk=queue.pk).update(confidential=True)
    incident = Incident.objects.get(pk=come(a_mail(cc="eve@example.org, agent@example.org")).record_id)
    assert [one.user for one in Watcher.objects.filter(record_id=incident.pk)] == [worker]


def test_the_same_mail_that_is_read_first_by_its_second_row_is_one_record(bo: User, mailbox: Mailbox) -> None:
    now, raw = timezone.now(), a_mail(message_id="<once@mail.example.org>")
    first, second = (accept(raw, mailbox=mailbox, uidvalidity=1, uid=uid, at=now) for uid in (1, 2))
    assert [getattr(apply(one.pk, now), "status", "") for one in (second, first)] == ["applied", "ignored"]
    assert Incident.objects.count() == 1
    first.refresh_from_db()
    assert first.reason == Reason.DUPLICATE


def test_what_went_to_a_confidential_queue_is_read_there_alone(
    opened: Incident, queue: Team, manager: User, person: Any, as_actor: Any, api: Any, web: Any
) -> None:
    lead = person("agent", username="lead")
    Membership.objects.create(team=queue, user=lead, lead=True)
    mail = IncomingMail.objects.get()
    assert web(lead).get(f"/mail/in/{mail.pk}/").status_code == 200
    secret = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    works = person("agent", username="hr")
    Membership.objects.create(team=secret, user=works, lead=True)
    Incident.objects.filter(pk=opened.pk).update(team=secret)
    for one in (lead, manager):
        assert web(one).get(f"/mail/in/{mail.pk}/").status_code == 404
        assert "printer" not in web(one).get("/mail/in/?tab=applied").content.decode()
        assert api(one).get("/api/v1/mail-in/").json()["results"] == []
        assert api(one).get(f"/api/v1/mail-in/{mail.pk}/text/").status_code == 404
    assert web(works).get(f"/mail/in/{mail.pk}/").status_code == 200


def test_nobody_is_made_to_say_in_a_history_what_they_did_not(
    bo: User, approver: User, queue: Team, mailbox: Mailbox, come: Come, as_actor: Any
) -> None:
    set_primary_address(approver, "approver@example.org")
    by_role = wishes.asks({"who": "role", "value": "approver", "quorum": "any"})
    request = wishes.a_request(as_actor(bo), wishes.an_item(team=queue, steps=[by_role]))
    item = wishes.item_of(request)
    bos = written(mailbox, item.kind, item.pk, "bo@example.org")
    come(a_mail("approver@example.org", text="Fine with me.", References=bos))
    heard = Entry.objects.get(event="request_item.mail_heard")
    assert heard.actor_name != str(approver)
    assert heard.actor_name != approver.username
    assert "Fine with me." in heard.remark
    assert "approver@example.org" in str(heard.changes)
