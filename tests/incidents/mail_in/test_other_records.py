"""Answers on requests, answers to asks, what leads hear, and how long mail is kept."""

import os
import time
from typing import Any

import pytest
from django.utils import timezone

from catalog.requests import operations as requests
from catalog.requests.workflow import ItemStatus
from incidents.incident.operations import open_incident
from incidents.models import Incident
from incidents.postmortem import operations as postmortems
from incidents.problem import operations as problems
from incidents.problem.models import Problem
from itsm.accounts import person_references
from itsm.accounts.models import Membership, Team, User
from itsm.accounts.operations.addresses import set_primary_address
from itsm.approvals.models import ApprovalRequest
from itsm.audit.models import Entry
from itsm.files.models import Attachment
from itsm.kernel.actors import Actor
from itsm.mail import keeping, raw, subjects
from itsm.mail.models import IncomingMail, Mailbox, OutgoingMail
from itsm.mail.reasons import Did, Reason
from itsm.mail.threads import message_id_for
from itsm.notifications.models import Notification
from itsm.work.models import Note
from tests.factories import requests as wishes
from tests.incidents.mail_in.conftest import Come
from tests.itsm.mail.mails import a_bounce, a_mail

pytestmark = pytest.mark.django_db


def written(mailbox: Mailbox, kind: str, number: int, to: str) -> str:
    said = message_id_for(kind, number, 1, "desk.example")
    OutgoingMail.objects.create(
        message_id=said, record_kind=kind, record_id=number, mailbox=mailbox, to=to, at=timezone.now()
    )
    return said


class TestRequests:
    def test_an_answer_is_a_word_and_what_waits_goes_on(
        self, bo: User, worker: User, queue: Team, mailbox: Mailbox, come: Come, as_actor: Any
    ) -> None:
        request = wishes.a_request(as_actor(bo), wishes.an_item(team=queue, tasks=[wishes.task("order")]))
        requests.wait(wishes.item_of(request), actor=as_actor(worker), question="Which colour?")
        ours = written(mailbox, "request", request.pk, "bo@example.org")
        mail = come(a_mail(text="The blue one.", References=ours))
        assert (mail.did, mail.record_kind, mail.record_id) == (Did.COMMENTED, "request", request.pk)
        assert Note.objects.filter(record_kind="request").latest("id").text == "The blue one."
        assert wishes.item_of(request).status == ItemStatus.FULFILLING
        assert come(a_mail(subject=f"[{request.reference}]", text="Or red.")).did == Did.COMMENTED

    def test_the_desk_needs_proof_and_a_stranger_is_kept_out(
        self, bo: User, worker: User, queue: Team, mailbox: Mailbox, come: Come, as_actor: Any
    ) -> None:
        request = wishes.a_request(as_actor(bo), wishes.an_item(team=queue, tasks=[wishes.task("order")]))
        ours = written(mailbox, "request", request.pk, "bo@example.org")
        assert come(a_mail("agent@example.org", text="Ordered.", References=ours)).did == Did.NOTED
        assert Note.objects.get(record_kind="request").private
        assert come(a_mail("eve@x.example", References=ours)).reason == Reason.UNKNOWN_SENDER
        assert come(a_mail(References=ours, Auto_Submitted="auto-replied")).did == Did.NOTED

    def test_words_stay_where_files_cannot_be_kept_and_say_so(
        self, bo: User, queue: Team, mailbox: Mailbox, come: Come, as_actor: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("itsm.files.operations.MAX_ON_RECORD", 0)
        request = wishes.a_request(as_actor(bo), wishes.an_item(team=queue, tasks=[wishes.task("order")]))
        incident = open_incident(actor=as_actor(bo), title="It smokes")
        for record in (request, incident):
            ours = written(mailbox, record.kind, record.pk, "bo@example.org")
            mail = come(a_mail(text="See the bill.", files=[("bill.txt", "text/plain", b"10")], References=ours))
            note = Note.objects.filter(record_kind=record.kind, record_id=record.pk).latest("id")
            assert (mail.did, mail.note_id, "files-left-out" in mail.flags) == (Did.COMMENTED, note.pk, True)
            assert note.text.startswith("See the bill.\n\n(Files came along that cannot be kept here")
            assert not Attachment.objects.filter(note=note).exists()


def test_24_approve_by_mail_decides_nothing_and_links_the_page_again(
    bo: User, approver: User, queue: Team, mailbox: Mailbox, come: Come, as_actor: Any
) -> None:
    set_primary_address(approver, "approver@example.org")
    by_role = wishes.asks({"who": "role", "value": "approver", "quorum": "any"})
    request = wishes.a_request(as_actor(bo), wishes.an_item(team=queue, steps=[by_role]))
    item = wishes.item_of(request)
    ours = written(mailbox, item.kind, item.pk, "approver@example.org")
    mail = come(a_mail("approver@example.org", text="approve", References=ours))
    assert (mail.did, mail.record_kind) == (Did.NOTED, "request_item")
    assert ApprovalRequest.objects.get().status == ApprovalRequest.Status.OPEN
    assert Entry.objects.get(event="request_item.mail_heard").remark == "approve"
    told = Notification.objects.filter(to=approver).latest("id")
    assert "nothing is decided by mail" in told.subject
    assert told.path == item.get_absolute_url()
    stranger = come(a_mail(text="approve", References=ours))
    assert (stranger.status, stranger.reason) == ("parked", Reason.NOT_THEIRS)


def test_leads_hear_of_what_lies_parked_once_an_hour(queue: Team, person: Any, come: Come) -> None:
    lead = person("agent", username="lead")
    Membership.objects.create(team=queue, user=lead, lead=True)
    for number in range(3):
        come(a_mail(f"eve{number}@x.example"))
    assert list(Notification.objects.filter(to=lead).values_list("subject", "path")) == [
        ("Mail to support@desk.example lies parked: unknown sender", "/mail/in/")
    ]


def test_mail_follows_its_person_and_bytes_without_a_row_go(bo: User, person: Any, come: Come) -> None:
    mail, other = come(a_mail()), person("requester", username="bob")
    assert dict(person_references.counts(bo))[IncomingMail._meta.verbose_name_plural] == 1
    person_references.follow(bo, other, actor=Actor.system("tests"))
    mail.refresh_from_db()
    assert mail.person == other
    lost = raw.place_of(raw.keep(b"nobody names this"))
    assert keeping.sweep() == 0, "bytes come before their row"
    a_while_ago = time.time() - 90_000
    for path in (lost, raw.place_of(mail.sha256)):
        os.utime(path, (a_while_ago, a_while_ago))
    assert keeping.sweep() >= 1
    assert (lost.exists(), raw.place_of(mail.sha256).exists()) == (False, True)
    assert Incident.objects.count() == 1


class TestWhatIsLearned:
    """Problems and postmortems: words for those who work on them, and nothing else moves."""

    @pytest.fixture
    def problem(self, worker: User, queue: Team, as_actor: Any) -> Problem:
        return problems.open_problem(actor=as_actor(worker), statement="Printers catch fire", team=queue)

    def test_an_answer_on_a_problem_is_a_note(
        self, problem: Problem, bo: User, mailbox: Mailbox, come: Come, person: Any
    ) -> None:
        ours = written(mailbox, "problem", problem.pk, "agent@example.org")
        mail = come(a_mail("agent@example.org", text="It is the fuser.", References=ours))
        assert (mail.status, mail.did, mail.record_kind) == ("applied", Did.NOTED, "problem")
        note = Note.objects.get(record_kind="problem", record_id=problem.pk)
        assert (note.text, note.private, note.by.username) == ("It is the fuser.", True, "agent")
        named = come(
            a_mail("agent@example.org", f"[{problem.reference}] x", "Or not.", files=[("a.png", "image/png", b"x")])
        )
        assert named.note is not None
        assert named.note.text.startswith("By mail that does not answer one of ours to this address:")
        assert "files-left-out" in named.flags
        other = come(a_mail(subject=f"[{problem.reference}] x", text="Let me in"))
        assert (other.did, other.record_kind) == (Did.OPENED, "incident")
        away = come(a_mail("agent@example.org", text="Away.", References=ours, Auto_Submitted="auto-replied"))
        assert (away.did, away.record_id) == (Did.NOTED, problem.pk)
        come(a_bounce(ours, "agent@example.org", "5.1.1"))
        happened = Entry.objects.filter(record_kind="problem", record_id=problem.pk).values_list("event", flat=True)
        assert {"problem.automatic_mail", "problem.mail_bounced"} <= set(happened)
        problem.refresh_from_db()
        assert problem.status == "new"

    def test_an_answer_on_a_postmortem_stands_in_its_history(
        self, problem: Problem, worker: User, bo: User, mailbox: Mailbox, come: Come, as_actor: Any, web: Any
    ) -> None:
        about = postmortems.open_postmortem(actor=as_actor(worker), problem=problem)
        ours = written(mailbox, "postmortem", about.pk, "agent@example.org")
        mail = come(a_mail("agent@example.org", text="Add the fuser.", References=ours))
        assert (mail.did, mail.record_kind) == (Did.NOTED, "postmortem")
        entry = Entry.objects.get(event="postmortem.mail_heard")
        assert (entry.remark, entry.actor_id) == ("Add the fuser.", worker.pk)
        come(a_mail("agent@example.org", f"[{about.reference}] x", "I, the agent, agree."))
        forged = Entry.objects.filter(event="postmortem.mail_heard").latest("id")
        assert (forged.actor_id, forged.changes["from"][1]) == (None, "agent@example.org")
        assert "Add the fuser." in web(worker).get(about.get_absolute_url()).content.decode()

    def test_mail_about_one_leaves_from_its_team(
        self, problem: Problem, queue: Team, worker: User, as_actor: Any
    ) -> None:
        about = postmortems.open_postmortem(actor=as_actor(worker), problem=problem)
        named = subjects.about("problem", problem.pk), subjects.about("postmortem", about.pk)
        assert [(one.reference, one.team_id) for one in named if one is not None] == [
            (problem.reference, queue.pk), (about.reference, queue.pk),
        ]  # fmt: skip
