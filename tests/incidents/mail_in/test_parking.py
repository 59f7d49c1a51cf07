"""What a person decides about mail that no record took, over REST and on the page, and who may."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.models import Incident
from itsm.accounts import erasing
from itsm.accounts import operations as accounts
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.erasure.operations import erase
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState
from itsm.mail import keeping, parking, raw, senders
from itsm.mail.applying import apply
from itsm.mail.intake import accept
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


def test_a_lead_blocks_for_the_mailbox_and_an_administrator_for_all(
    stranger: IncomingMail, come: Come, lead: User, admin: User, manager: User, as_actor: Any, web: Any
) -> None:
    other = Mailbox.objects.create(
        slug="hr", address="hr@desk.example", team=Team.objects.create(slug="hr", name="HR", takes_work=True)
    )
    with pytest.raises(NotPermitted):
        parking.block(stranger, actor=as_actor(manager))
    page = {one: web(one).get(f"/mail/in/{stranger.pk}/").content.decode() for one in (manager, lead)}
    assert ['value="block"' in page[one] for one in (manager, lead)] == [False, True]
    parking.block(stranger, actor=as_actor(lead))
    there = accept(a_mail("eve@x.example", to="hr@desk.example"), mailbox=other, at=timezone.now())
    elsewhere = apply(there.pk, timezone.now())
    assert elsewhere is not None
    assert elsewhere.reason == Reason.UNKNOWN_SENDER
    own = BlockedSender.objects.get()
    parking.block(elsewhere, actor=as_actor(admin))
    of_all = BlockedSender.objects.get(mailbox=None)
    for actor in (lead, manager):
        with pytest.raises(NotPermitted):
            parking.unblock(of_all, actor=as_actor(actor))
    parking.unblock(own, actor=as_actor(lead))
    assert come(a_mail("eve@x.example")).reason == Reason.BLOCKED
    assert web(lead).get("/mail/in/?tab=blocked").content.decode().count("eve@x.example") >= 1


def test_so_many_accounts_an_hour_are_made_unseen_whoever_writes(
    mailbox: Mailbox, bo: User, come: Come, lead: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Mailbox.objects.update(is_open=True)
    mailbox.refresh_from_db()
    monkeypatch.setattr(senders, "MOST_GUESTS", 2)
    assert [come(a_mail(f"eve{n}@x.example")).status for n in range(2)] == ["applied", "applied"]
    third = come(a_mail("eve2@x.example"))
    assert (third.status, third.reason, third.there) == ("parked", Reason.GUESTS, 3)
    assert come(a_mail("eve1@x.example", "More")).status == come(a_mail()).status == "applied"
    assert parking.take_all(third, actor=as_actor(lead))[0].status == "applied"
    later = timezone.now() + timedelta(hours=1, seconds=1)
    assert come(a_mail("eve3@x.example"), later).status == "applied"


def test_who_is_erased_takes_the_bytes_of_their_mail_along(
    bo: User, come: Come, lead: User, web: Any, django_capture_on_commit_callbacks: Any
) -> None:
    words = a_mail()
    own, other = come(words), come(a_mail("agent@example.org"))
    unknown = come(a_mail("Bo@example.org", drop=["Message-ID"], Auto_Submitted="auto-replied"))
    assert (unknown.status, unknown.person) == ("ignored", None)
    left = accounts.deactivate(bo, actor=Actor.system("test"), successor=lead, reason="moved on")
    assert erasing.counts(left, only_count=True) == {"mail_incomingmail.original_gone": 2}
    with django_capture_on_commit_callbacks(execute=True):
        erase(left, actor=Actor.system("test"))
    assert [raw.place_of(one.sha256).exists() for one in (own, unknown, other)] == [False, False, True]
    assert web(lead).get(f"{own.get_absolute_url()}original/").status_code == 404
    raw.keep(words)  # a process that died before its bytes went
    os.utime(raw.place_of(own.sha256), (0, 0))
    keeping.sweep()
    assert [raw.place_of(one.sha256).exists() for one in (own, other)] == [False, True]


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
        mail = a_mail()
        url = "/api/v1/integrations/mail/"
        first = pipe.post(url, mail, content_type="message/rfc822")
        assert (first.status_code, first.json()["status"]) == (202, "new")
        assert pipe.post(url, mail, content_type="message/rfc822").json() == first.json()
        assert pipe.post(url, b" ", content_type="message/rfc822").status_code == 400
        assert pipe.post(url, {}, format="json").status_code == 415
        assert api(agent).post(url, mail, content_type="message/rfc822").status_code == 403
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
