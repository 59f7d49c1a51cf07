"""What a person decides about mail that no record took, over REST and on the page, and who may."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.kernel.errors import NotPermitted, WrongState
from itsm.mail import parking
from itsm.mail.models import BlockedSender, IncomingMail, Mailbox
from itsm.mail.reasons import Reason
from tests.incidents.mail_in.conftest import Come
from tests.itsm.mail.mails import SUPPORT, a_mail

pytestmark = pytest.mark.django_db
DEEP = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"


@pytest.fixture
def lead(person: Any, queue: Team) -> User:
    made = person("agent", username="lead")
    Membership.objects.create(team=queue, user=made, lead=True)
    return made


@pytest.fixture
def stranger(come: Come) -> IncomingMail:
    return come(a_mail("Eve <eve@x.example>", text="Let me in"))


@pytest.fixture
def too_deep(bo: User, come: Come) -> IncomingMail:
    raw = (
        f"From: bo@example.org\r\nTo: {SUPPORT}\r\nSubject: Deep\r\nMessage-ID: <deep@x>\r\nMIME-Version: 1.0\r\n"
        + "".join(f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(50))
        + "Content-Type: text/plain\r\n\r\nIt smokes.\r\n"
    )
    return come(raw.encode())


def test_a_stranger_is_let_in_by_a_lead(stranger: IncomingMail, lead: User, as_actor: Any) -> None:
    done = parking.open_record(stranger, actor=as_actor(lead))
    incident = Incident.objects.get(pk=done.record_id)
    assert (incident.description, str(incident.caller)) == ("Let me in", "Eve")
    assert (done.decided_by, Entry.objects.filter(event="incoming_mail.opened").count()) == (lead, 1)
    with pytest.raises(WrongState):
        parking.open_record(done, actor=as_actor(lead))


def test_what_is_too_deep_is_opened_by_what_it_says_raw(too_deep: IncomingMail, lead: User, as_actor: Any) -> None:
    assert (too_deep.status, too_deep.reason, too_deep.there) == ("parked", Reason.DEPTH, 50)
    assert (too_deep.sender, too_deep.subject) == ("bo@example.org", "Deep")
    assert parking.retry(too_deep, actor=as_actor(lead)).reason == Reason.DEPTH
    done = parking.open_record(IncomingMail.objects.get(), actor=as_actor(lead))
    incident = Incident.objects.get(pk=done.record_id)
    assert (incident.title, "It smokes." in incident.description) == ("Deep", True)
    assert "unread" in done.flags


def test_all_of_a_sender_are_taken(bo: User, come: Come, lead: User, as_actor: Any) -> None:
    for number in range(8):
        come(a_mail(subject=f"Number {number}"))
    parked = IncomingMail.objects.filter(status="parked")
    assert parked.count() == 3
    taken = parking.take_all(parked[0], actor=as_actor(lead))
    assert [one.subject for one in taken] == ["Number 5", "Number 6", "Number 7"]
    assert (parked.count(), Incident.objects.count()) == (0, 8)


def test_a_sender_is_blocked_and_let_in_again(stranger: IncomingMail, come: Come, lead: User, as_actor: Any) -> None:
    assert parking.block(stranger, actor=as_actor(lead)).reason == Reason.BLOCKED
    assert come(a_mail("EVE@x.example")).reason == Reason.BLOCKED
    parking.unblock(BlockedSender.objects.get(), actor=as_actor(lead))
    assert come(a_mail("eve@x.example")).reason == Reason.UNKNOWN_SENDER


def test_what_was_discarded_is_taken_up_again(stranger: IncomingMail, lead: User, as_actor: Any) -> None:
    gone = parking.discard(stranger, actor=as_actor(lead))
    assert (gone.status, gone.reason) == ("ignored", Reason.DISCARDED)
    assert parking.retry(gone, actor=as_actor(lead)).reason == Reason.UNKNOWN_SENDER
    parking.discard(gone, actor=as_actor(lead))
    assert parking.open_record(gone, actor=as_actor(lead)).status == "applied"


@pytest.mark.parametrize("role", ["agent", "engineer", "owner", "auditor", "requester"])
def test_others_decide_about_nothing(stranger: IncomingMail, person: Any, as_actor: Any, role: str) -> None:
    actor = as_actor(person(role, username=f"another-{role}"))
    with pytest.raises(NotPermitted):
        parking.discard(stranger, actor=actor)
    assert not IncomingMail.objects.visible_to(actor).exists()


def test_a_lead_of_another_team_and_a_confidential_queue(
    stranger: IncomingMail, person: Any, manager: User, queue: Team, as_actor: Any
) -> None:
    other = person("agent", username="other")
    Membership.objects.create(team=Team.objects.create(slug="ops", name="Ops"), user=other, lead=True)
    with pytest.raises(NotPermitted):
        parking.discard(stranger, actor=as_actor(other))
    assert IncomingMail.objects.visible_to(as_actor(manager)).count() == 1
    Team.objects.filter(pk=queue.pk).update(confidential=True)
    assert IncomingMail.objects.visible_to(as_actor(manager)).count() == 0
    with pytest.raises(NotPermitted):
        parking.discard(stranger, actor=as_actor(manager))


class TestRest:
    def test_the_list_and_the_verbs(self, stranger: IncomingMail, lead: User, api: Any) -> None:
        client: APIClient = api(lead)
        listed = client.get("/api/v1/mail-in/?status=parked").json()["results"]
        assert [(one["sender"], one["reason"], one["record"]) for one in listed] == [
            ("eve@x.example", "unknown-sender", None)
        ]
        assert "Subject: The printer" in client.get(f"/api/v1/mail-in/{stranger.pk}/headers/").json()["text"]
        assert "Let me in" in client.get(f"/api/v1/mail-in/{stranger.pk}/text/").json()["text"]
        done = client.post(f"/api/v1/mail-in/{stranger.pk}/open/", {}, format="json").json()
        assert (done["status"], done["did"], done["record"]) == ("applied", "opened", Incident.objects.get().reference)
        assert client.post(f"/api/v1/mail-in/{stranger.pk}/discard/", {}, format="json").status_code == 409

    def test_the_door(self, mailbox: Mailbox, bo: User, person: Any, api: Any, agent: User) -> None:
        pipe: APIClient = api(person("agent", username="pipe", account_type="service", owner=agent))
        raw = a_mail()
        url = "/api/v1/integrations/mail/"
        first = pipe.post(url, raw, content_type="message/rfc822")
        assert (first.status_code, first.json()["status"]) == (202, "new")
        assert pipe.post(url, raw, content_type="message/rfc822").json() == first.json()
        assert pipe.post(url, b" ", content_type="message/rfc822").status_code == 400
        assert pipe.post(url, {}, format="json").status_code == 415
        assert api(agent).post(url, raw, content_type="message/rfc822").status_code == 403
        from django.utils import timezone

        from itsm.clocks import due

        due.sweep(timezone.now())
        assert Incident.objects.get().caller == bo
        assert IncomingMail.objects.get().mailbox == mailbox


class TestPages:
    def test_the_list_the_mail_and_a_decision(self, stranger: IncomingMail, lead: User, web: Any) -> None:
        client: Client = web(lead)
        page = client.get("/mail/in/").content.decode()
        assert "unknown sender" in page
        assert "Let me in" in client.get(f"/mail/in/{stranger.pk}/").content.decode()
        assert "Subject: The printer" in client.get(f"/mail/in/{stranger.pk}/?raw=headers").content.decode()
        saved = client.get(f"/mail/in/{stranger.pk}/original/")
        assert b"".join(saved.streaming_content).endswith(b"Let me in\n")  # type: ignore[attr-defined]
        assert saved["Content-Disposition"] == f'attachment; filename="mail-{stranger.pk}.eml"'
        answer = client.post(f"/mail/in/{stranger.pk}/decide/", {"do": "open"})
        assert (answer.status_code, Incident.objects.count()) == (302, 1)
        for tab in ("parked", "ignored", "applied", "blocked"):
            assert client.get(f"/mail/in/?tab={tab}").status_code == 200

    def test_the_mail_on_its_incident(self, bo: User, lead: User, worker: User, come: Come, web: Any) -> None:
        text = "New.\n\n-- \nBo\n\nOn Mon, 3 May 2027 at 10:00, Ada <ada@x.example> wrote:\n\n> Old."
        mail = come(
            a_mail(
                "agent@example.org",
                "Fwd: x",
                text + "\n\nFrom: Eve <eve@x.example>\nSent: x\nTo: y\nSubject: z\n\nHelp",
            )
        )
        incident = Incident.objects.get()
        page = web(lead).get(incident.get_absolute_url()).content.decode()
        assert mail.get_absolute_url() in page
        assert "eve@x.example wrote the mail in it" in page
        assert web(lead).post(f"/incidents/{incident.reference}/mail/caller/").status_code == 302
        incident.refresh_from_db()
        assert incident.caller is not None
        assert incident.caller.email == "eve@x.example"
        answer = come(a_mail("eve@x.example", f"Re: [{incident.reference}]", text))
        assert answer.note is not None
        assert answer.note.text == "New."
        page = web(lead).get(incident.get_absolute_url()).content.decode()
        assert page.count('<details class="quoted">') == 2
        own = web(incident.caller).get(incident.get_absolute_url()).content.decode()
        assert "New." in own
        assert "/mail/in/" not in own
        assert web(incident.caller).get(answer.get_absolute_url()).status_code == 404
