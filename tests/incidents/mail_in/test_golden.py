"""The table of mails and what is expected of each, row by row."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations
from incidents.incident.vocabulary import Channel
from incidents.incident.workflow import Status
from incidents.models import Incident
from itsm.accounts.models import EmailAddress, Team, User
from itsm.audit.models import Entry
from itsm.files.models import Attachment
from itsm.mail import reasons
from itsm.mail.models import IncomingMail, Mailbox, UndeliverableAddress
from itsm.mail.reasons import Did, Reason
from itsm.mail.threads import loop_mark, token_address
from itsm.notifications.models import Notification
from itsm.work.models import Link, Note, Watcher
from tests.incidents.mail_in.conftest import Come
from tests.itsm.mail.mails import SUPPORT, a_bounce, a_mail

pytestmark = pytest.mark.django_db
Written = Callable[[Incident, str], str]


@pytest.fixture
def opened(bo: User, come: Come) -> Incident:
    return the_incident(come(a_mail(message_id="<first@mail.example.org>")))


def the_incident(mail: IncomingMail) -> Incident:
    assert mail.status == reasons.Status.APPLIED, (mail.status, mail.reason)
    assert mail.record_kind == "incident"
    return Incident.objects.get(pk=mail.record_id)


def words_on(incident: Incident) -> list[tuple[str, bool, str]]:
    notes = Note.objects.filter(record_kind="incident", record_id=incident.pk).order_by("id")
    return [(one.text, one.private, one.by.username) for one in notes]


def told(person: User) -> list[str]:
    return list(Notification.objects.filter(to=person).order_by("id").values_list("subject", flat=True))


def resolved(incident: Incident, actor: Any) -> Incident:
    operations.acknowledge(incident, actor=actor)
    return operations.resolve(incident, actor=actor, resolution="A new printer.", resolution_code="solved")


class TestOpening:
    def test_1_a_known_requester(self, bo: User, queue: Team, come: Come) -> None:
        mail = come(a_mail())
        incident = the_incident(mail)
        assert (incident.title, incident.description) == ("The printer is on fire", "It smokes.")
        assert (incident.caller, incident.opened_by, incident.team, incident.channel) == (bo, bo, queue, Channel.MAIL)
        assert told(bo) == [f"We have your mail: {incident.reference} The printer is on fire"]
        assert (mail.did, mail.is_acknowledged) == (Did.OPENED, True)
        the_incident(come(a_mail(subject="Another")))
        assert len(told(bo)) == 1, "one acknowledgement a sender and day"

    def test_2_somebody_whom_nobody_knows(self, mailbox: Mailbox, come: Come) -> None:
        parked = come(a_mail("Eve Q <eve@x.example>"))
        assert (parked.status, parked.reason) == ("parked", Reason.UNKNOWN_SENDER)
        assert not EmailAddress.objects.filter(email="eve@x.example").exists()
        mailbox.is_open = True
        mailbox.save()
        guest = the_incident(come(a_mail("Eve Q <eve@x.example>"))).caller
        assert guest is not None
        assert (guest.name, guest.email, guest.roles, guest.may_sign_in) == (
            "Eve Q",
            "eve@x.example",
            ["requester"],
            False,
        )
        assert the_incident(come(a_mail("EVE@x.example"))).caller == guest

    def test_14_the_sixth_in_an_hour(self, bo: User, come: Come) -> None:
        for number in range(5):
            the_incident(come(a_mail(subject=f"Number {number}")))
        sixth = come(a_mail(subject="Number 6"))
        assert (sixth.status, sixth.reason, sixth.there) == ("parked", Reason.RATE, 6)
        the_incident(come(a_mail(subject="Later"), timezone.now() + timedelta(hours=1, seconds=1)))

    def test_15_the_same_mail_twice(self, bo: User, mailbox: Mailbox, come: Come) -> None:
        raw = a_mail()
        first = come(raw)
        assert come(raw).pk == first.pk, "the same bytes are the same mail"
        again = come(b"Received: from elsewhere\r\n" + raw)
        assert (again.status, again.reason) == ("ignored", Reason.DUPLICATE)
        assert Incident.objects.count() == 1

    def test_20_no_words_and_a_long_subject(self, bo: User, come: Come) -> None:
        incident = the_incident(come(a_mail(subject="x" * 500, text="")))
        assert len(incident.title) == 160
        assert incident.description.startswith("x" * 500)
        assert the_incident(come(a_mail(subject="", text="words"))).title == "(mail without a subject)"

    def test_21_what_comes_along(self, bo: User, worker: User, come: Come) -> None:
        files = [
            ("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22tnef"),
            ("mail.msg", "application/vnd.ms-outlook", b"\xd0\xcf\x11\xe0msg"),
            ("encrypted.asc", "application/pgp-encrypted", b"-----BEGIN PGP MESSAGE-----"),
        ]
        incident = the_incident(come(a_mail(files=files)))
        assert [one.name for one in Attachment.objects.filter(record_id=incident.pk)] == [name for name, _, _ in files]
        assert words_on(incident) == [("Attached: winmail.dat, mail.msg, encrypted.asc", False, "bo")]
        text = "Please see below.\n\n---------- Forwarded message ---------\nFrom: Eve <eve@x.example>\nDate: Mon\nSubject: x\nTo: a\n\nHelp!"
        forwarded = come(a_mail("agent@example.org", "Fwd: x", text))
        assert forwarded.forwarded_from == "eve@x.example"
        assert "Help!" in the_incident(forwarded).description

    def test_23_no_message_id_and_a_date_to_come(self, bo: User, come: Come) -> None:
        raw = a_mail(drop=["Message-ID", "Date"]).replace(
            b"From:", b"Date: Fri, 01 Jan 2038 00:00:00 +0000\r\nFrom:", 1
        )
        incident = the_incident(come(raw))
        assert incident.opened_at < timezone.now()
        assert come(raw).record_id == incident.pk
        assert Incident.objects.count() == 1

    def test_copies_follow(self, bo: User, worker: User, come: Come) -> None:
        cc = f"agent@example.org, {SUPPORT}, no-reply@example.org, eve@x.example"
        incident = the_incident(come(a_mail(cc=cc)))
        assert [one.user for one in Watcher.objects.filter(record_id=incident.pk)] == [worker]


class TestAnswering:
    def test_3_our_references_and_what_waits_resumes(
        self, opened: Incident, worker: User, as_actor: Any, come: Come, written_to: Written
    ) -> None:
        operations.acknowledge(opened, actor=as_actor(worker))
        operations.reply(opened, actor=as_actor(worker), text="Which one?")
        operations.hold(opened, actor=as_actor(worker), hold_reason="caller", reason="Which?")
        mail = come(a_mail(subject="Re: x", text="The red one.", References=written_to(opened, "bo@example.org")))
        assert (the_incident(mail).status, mail.did) == (Status.IN_PROGRESS, Did.COMMENTED)
        assert words_on(opened)[1:] == [("The red one.", False, "bo")]

    def test_a_token_of_ones_own(self, opened: Incident, mailbox: Mailbox, come: Come) -> None:
        to = token_address(mailbox, "incident", opened.pk, "bo@example.org", at=timezone.now())
        assert come(a_mail(to=to, text="Yes")).did == Did.COMMENTED

    def test_an_answer_to_ones_own_first_mail(self, opened: Incident, come: Come) -> None:
        assert come(a_mail(text="Also", In_Reply_To="<first@mail.example.org>")).record_id == opened.pk

    def test_4_a_token_forged_by_a_character(self, opened: Incident, mailbox: Mailbox, come: Come) -> None:
        to = token_address(mailbox, "incident", opened.pk, "bo@example.org", at=timezone.now())
        forged = to.replace(f".{opened.pk}.", f".{opened.pk + 1}.")
        mail = come(a_mail(to=forged))
        assert (the_incident(mail).pk == opened.pk, mail.flags) == (False, ["forged-thread"])

    def test_5_a_stranger_with_a_true_message_id(
        self, opened: Incident, mailbox: Mailbox, come: Come, written_to: Written, worker: User
    ) -> None:
        mailbox.is_open = True
        mailbox.save()
        mail = come(a_mail("eve@x.example", "Re: x", "Tell me", References=written_to(opened, "bo@example.org")))
        new = the_incident(mail)
        assert (new.pk != opened.pk, mail.flags) == (True, ["not-in-thread"])
        assert words_on(opened) == []
        assert opened.reference not in new.title + new.description
        assert not Link.objects.exists()

    def test_6_a_reference_in_the_subject(self, opened: Incident, mailbox: Mailbox, person: Any, come: Come) -> None:
        assert come(a_mail(subject=f"Re: [{opened.reference}] x", text="More")).record_id == opened.pk
        mailbox.is_open = True
        mailbox.save()
        other = come(a_mail("eve@x.example", f"[{opened.reference}] x", "More"))
        assert (other.did, other.flags) == (Did.OPENED, ["names-another"])

    def test_7_one_that_is_resolved_and_one_that_is_over(
        self, opened: Incident, worker: User, as_actor: Any, come: Come, written_to: Written
    ) -> None:
        resolved(opened, as_actor(worker))
        ours = written_to(opened, "bo@example.org")
        mail = come(a_mail(text="Still smokes", References=ours))
        assert (the_incident(mail).status, mail.did) == (Status.IN_PROGRESS, Did.REOPENED)
        assert words_on(opened)[-1] == ("Still smokes", False, "bo")
        operations.resolve(opened, actor=as_actor(worker), resolution="Now.", resolution_code="solved")
        Incident.objects.filter(pk=opened.pk).update(status=Status.CLOSED, closed_at=timezone.now())
        after = come(a_mail(text="Again", References=ours))
        assert (after.did, after.record_id == opened.pk) == (Did.FOLLOWED, False)
        assert Link.objects.filter(from_id=after.record_id, to_id=opened.pk, meaning="follows").exists()

    def test_mail_reopens_three_times_a_day(
        self, opened: Incident, worker: User, as_actor: Any, come: Come, written_to: Written
    ) -> None:
        ours, did = written_to(opened, "bo@example.org"), []
        resolved(opened, as_actor(worker))
        for _number in range(4):
            did.append(come(a_mail(text="No", References=ours)).did)
            if did[-1] == Did.REOPENED:
                operations.resolve(opened, actor=as_actor(worker), resolution="Now.", resolution_code="solved")
        assert did == [Did.REOPENED] * 3 + [Did.COMMENTED]

    def test_8_one_that_was_merged(
        self, opened: Incident, worker: User, as_actor: Any, come: Come, written_to: Written
    ) -> None:
        survivor = operations.open_incident(actor=as_actor(worker), title="All printers", team=opened.team)
        operations.merge(opened, actor=as_actor(worker), into=survivor.reference, consent=True)
        mail = come(a_mail(text="Mine too", References=written_to(opened, "bo@example.org")))
        assert mail.record_id == survivor.pk
        assert words_on(survivor)[-1] == ("Mine too", False, "bo")

    def test_16_and_17_quotations_stay_out(self, opened: Incident, come: Come, written_to: Written) -> None:
        ours = written_to(opened, "bo@example.org")
        text = "On Mon, 3 May 2027 at 10:00, Support <support@desk.example>\nwrote:\n\n> Which one?\n\nThe red one.\n\n> When?\n\nToday."
        mail = come(a_mail(text=text, References=ours))
        assert words_on(opened)[-1][0] == "The red one.\n\nToday."
        assert [one["part"] for one in mail.blocks] == ["quoted", "own", "quoted", "own"]
        outlook = "Red.\n\n________________________________\nFrom: Support <support@desk.example>\nSent: Monday\nTo: Bo\nSubject: x\n\nWhich one?"
        come(a_mail(text=outlook, References=ours))
        assert words_on(opened)[-1][0] == "Red."

    def test_18_on_your_host_run(self, opened: Incident, come: Come, written_to: Written) -> None:
        text = "On your host run:\n\n  lpstat -p\n\nIt says 500."
        come(a_mail(text=text, References=written_to(opened, "bo@example.org")))
        assert words_on(opened)[-1][0] == text

    def test_19_html_alone_and_deep(self, bo: User, come: Come) -> None:
        html = "<div>" * 300 + "It smokes" + "</div>" * 300
        raw = a_mail(text="x").replace(b"text/plain", b"text/html").replace(b"\nx\n", f"\n{html}\n".encode())
        mail = come(raw)
        assert (the_incident(mail).description, mail.html, mail.flags) == ("It smokes", "", ["html-source-only"])

    def test_24_approve_is_a_word(self, opened: Incident, come: Come, written_to: Written) -> None:
        before = opened.status
        assert come(a_mail(text="approve", References=written_to(opened, "bo@example.org"))).did == Did.COMMENTED
        opened.refresh_from_db()
        assert opened.status == before

    def test_the_desk_answers_by_mail_where_it_is_proven(
        self, opened: Incident, worker: User, come: Come, written_to: Written
    ) -> None:
        to_bo = written_to(opened, "bo@example.org")
        assert come(a_mail("agent@example.org", text="It is replaced.", References=to_bo)).did == Did.NOTED
        assert words_on(opened)[-1][1], "anybody who was sent that mail could write this"
        to_agent = written_to(opened, "agent@example.org")
        assert come(a_mail("agent@example.org", text="It is replaced.", References=to_agent)).did == Did.COMMENTED
        assert words_on(opened)[-1] == ("It is replaced.", False, worker.username)


class TestPrograms:
    @pytest.mark.parametrize(
        "header", [{"Auto_Submitted": "auto-replied"}, {"X_Autoreply": "yes"}, {"Precedence": "bulk"}]
    )
    def test_9_out_of_office(
        self, opened: Incident, worker: User, as_actor: Any, come: Come, written_to: Written, header: dict[str, str]
    ) -> None:
        resolved(opened, as_actor(worker))
        ours, before = written_to(opened, "bo@example.org"), (told(worker), told(opened.caller))  # type: ignore[arg-type]
        mail = come(a_mail(text="I am away", References=ours, **header))
        assert (the_incident(mail).status, mail.did) == (Status.RESOLVED, Did.NOTED)
        assert (told(worker), told(opened.caller)) == before  # type: ignore[arg-type]
        assert come(a_mail("eve@x.example", text="I am away", References=ours, **header)).status == "ignored"

    def test_10_an_address_that_is_not_there(
        self, opened: Incident, worker: User, come: Come, written_to: Written
    ) -> None:
        mail = come(a_bounce(written_to(opened, "bo@example.org"), "bo@example.org", "5.1.1"))
        assert mail.record_id == opened.pk
        assert UndeliverableAddress.objects.get().address == "bo@example.org"
        assert f"{opened.reference}: mail to bo@example.org does not arrive" in told(worker)

    def test_11_one_that_is_late(self, opened: Incident, worker: User, come: Come, written_to: Written) -> None:
        mail = come(a_bounce(written_to(opened, "bo@example.org"), "bo@example.org", "4.4.1", "delayed"))
        assert mail.did == Did.NOTED
        assert not UndeliverableAddress.objects.exists()
        assert told(worker) == []

    def test_reports_of_one_mail_are_told_once_however_many_somebody_writes(
        self, opened: Incident, worker: User, come: Come, written_to: Written
    ) -> None:
        ours = written_to(opened, "bo@example.org")
        codes = ("4.4.1", "4.4.2", "4.4.1", "5.2.1", "5.2.1", "5.2.2", "5.3.0", "5.3.1", "9.9.9")
        did = [come(a_bounce(ours, "bo@example.org", code)).did for code in codes]
        assert did == ["noted", "", "", "noted", "", "noted", "", "", ""], (
            "late, not arriving, nothing is sent any more"
        )
        assert Entry.objects.filter(event="incident.mail_bounced").count() == 3
        assert len([one for one in told(worker) if "does not arrive" in one]) == 2

    def test_a_forged_report_keeps_mail_from_nobody(self, opened: Incident, come: Come, written_to: Written) -> None:
        written_to(opened, "bo@example.org")
        for _number in range(3):
            assert come(a_bounce("<made-up@x.example>", "bo@example.org", "5.1.1")).reason == Reason.BOUNCE
        assert not UndeliverableAddress.objects.exists()

    def test_a_report_about_no_mail_of_ours(self, come: Come) -> None:
        mail = come(a_bounce("<theirs@x.example>", "someone@x.example", "5.1.1"))
        assert (mail.status, mail.reason) == ("ignored", Reason.BOUNCE)

    def test_12_our_own_mail(self, mailbox: Mailbox, come: Come) -> None:
        assert come(a_mail(SUPPORT)).reason == Reason.OURS
        assert come(a_mail(X_Headroom_Loop=loop_mark())).reason == Reason.OURS

    def test_13_a_newsletter(self, bo: User, come: Come) -> None:
        mail = come(a_mail(List_Id="News <news.example.org>"))
        assert (mail.status, mail.reason) == ("ignored", Reason.LIST)
        assert not Incident.objects.exists()


class TestWhatIsParked:
    def test_22_nested_comments_and_many_addresses(self, bo: User, come: Come) -> None:
        nested = a_mail().replace(b"To: support", b"To: " + b"(" * 3000 + b" support", 1)
        assert come(nested).reason == Reason.NESTED
        many = a_mail().replace(
            b"To: support", b"Cc: " + b",\r\n ".join(b"a%d@x.example" % n for n in range(2_000)) + b"\r\nTo: support", 1
        )
        assert come(many).reason == Reason.ADDRESSES
        more = a_mail().replace(
            b"To: support",
            b"Cc: " + b",\r\n ".join(b"a%d@x.example" % n for n in range(100_000)) + b"\r\nTo: support",
            1,
        )
        assert come(more).reason == Reason.HEADERS

    def test_25_a_guessed_number_in_the_subject_teaches_nothing(
        self, opened: Incident, mailbox: Mailbox, queue: Team, come: Come, worker: User
    ) -> None:
        """A confidential record that is named is answered as one that is not there."""
        Team.objects.filter(pk=queue.pk).update(confidential=True)
        Mailbox.objects.update(is_open=True)
        heard = []
        for number, named in enumerate((opened.reference, "INC-999999")):
            mail = come(a_mail(f"eve{number}@x.example", f"[{named}] hello", "Is it there?"))
            assert mail.person is not None
            new = the_incident(mail)
            said = [one.replace(new.reference, "INC-?").replace(named, "INC-n") for one in told(mail.person)]
            heard.append((mail.did, mail.flags, mail.is_acknowledged, said))
        assert heard[0] == heard[1]
        assert heard[0][:3] == (Did.OPENED, [], True)

    def test_25_a_token_of_somebody_else_in_a_confidential_queue(
        self, opened: Incident, queue: Team, mailbox: Mailbox, come: Come
    ) -> None:
        Team.objects.filter(pk=queue.pk).update(confidential=True)
        Mailbox.objects.filter(pk=mailbox.pk).update(is_open=True)
        to = token_address(mailbox, "incident", opened.pk, "bo@example.org", at=timezone.now())
        mail = come(a_mail("eve@x.example", to=to))
        assert (mail.status, mail.reason, mail.flags) == ("parked", Reason.NOT_THEIRS, [])
        assert Notification.objects.filter(to__email="eve@x.example").count() == 0

    def test_an_address_that_somebody_merely_claims(self, bo: User, come: Come) -> None:
        EmailAddress.objects.create(user=bo, email="eve@x.example")
        assert come(a_mail("eve@x.example")).reason == Reason.UNVERIFIED

    def test_who_has_left_and_programs(self, bo: User, come: Come) -> None:
        User.objects.filter(pk=bo.pk).update(is_active=False)
        assert come(a_mail()).reason == Reason.LEFT
