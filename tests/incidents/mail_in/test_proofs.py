"""Hostile, forged and endless mail, end to end: each is one record or lies parked, and nobody gets in by it."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.files.models import Attachment
from itsm.files.vocabulary import State
from itsm.mail import intake, showing
from itsm.mail.applying import apply
from itsm.mail.models import IncomingMail, Mailbox
from itsm.mail.parsing.hypertext import ATTRIBUTES, TAGS
from itsm.mail.parsing.hypertext import clean as cleaned
from itsm.mail.reasons import Did, Reason, Status
from itsm.mail.threads import message_id_for, token_address
from itsm.work.models import Note
from tests.incidents.mail_in.conftest import Come
from tests.incidents.stored_text.payloads import PAYLOADS
from tests.itsm.mail.conftest import relay, sink
from tests.itsm.mail.hostile import mails
from tests.itsm.mail.mails import SUPPORT, a_mail
from tests.itsm.smtp_sink import Sink
from tests.slo.proving import IN_FULL, TURN

pytestmark = pytest.mark.django_db
Written = Callable[[Incident, str], str]
assert sink  # a fixture
HOSTILE = mails() if IN_FULL else mails()[TURN % 50 :: 50]


@pytest.fixture
def opened(bo: User, come: Come) -> Incident:
    return Incident.objects.get(pk=come(a_mail(message_id="<first@mail.example.org>")).record_id)


@pytest.mark.heavy
def test_each_hostile_mail_is_one_record_or_parked(bo: User, come: Come) -> None:
    Mailbox.objects.update(is_open=True)
    for raw in HOSTILE:
        mail = come(raw)
        assert mail.status in {Status.APPLIED, Status.PARKED, Status.IGNORED}
        assert mail.reason != Reason.FAILED, raw[:300]
        assert (mail.record_id is not None) == (mail.status == Status.APPLIED)
    numbers = IncomingMail.objects.filter(did=Did.OPENED).values_list("record_id", flat=True)
    assert sorted(numbers) == sorted(Incident.objects.values_list("pk", flat=True))


def forgeries(mailbox: Mailbox, incident: Incident, theirs: str) -> Iterator[dict[str, str]]:
    """Sixty ways to say that one answers on somebody else's incident."""
    true = message_id_for("incident", incident.pk, 1, "desk.example").strip("<>")
    local, _, domain = true.partition("@")
    kind, number, n, sign = local.split(".")
    ids = [
        f"{kind}.{number}.{n}.{sign[::-1]}", f"{kind}.{number}.{int(n) + 1}.{sign}", f"{kind}.{int(number) + 1}.{n}.{sign}",
        f"{kind}.{number}.{n}.{'a' * 20}", f"{kind}.{number}.{n}.", f"problem.{number}.{n}.{sign}", f"{kind}.0{number}.{n}.{sign}x",
        f"{kind}.{number}.{n}.{sign[:-1]}", f"{kind}.{number}.{n}.{sign}{sign}", f"{kind}.{number}", f"{number}", true.upper()[:-12],
    ]  # fmt: skip
    named = [f"<{one}@{domain}>" for one in ids] + [f"<{true}>", "<first@mail.example.org>"]
    for one, header in product(named, ("References", "In_Reply_To")):
        yield {header: one}
    token = token_address(mailbox, "incident", incident.pk, theirs, at=timezone.now())
    before, _, tag = token.partition("@")[0].partition("+")
    parts = tag.split(".")
    tags = [tag, tag[:-1], tag + "a", tag[::-1], ".".join((*parts[:2], str(int(parts[2]) + 1), parts[3])), tag.upper(),
            f"incident.{incident.pk}", ".".join((parts[0], str(incident.pk + 1), *parts[2:]))]  # fmt: skip
    for one in tags:
        yield {"to": f"{before}+{one}@desk.example"}
        yield {"Delivered_To": f"{before}+{one}@desk.example"}
        yield {"cc": f"{before}+{one}@desk.example"}
    for subject in (f"[{incident.reference}]", f"Re: [{incident.reference}] x", f"[inc-{incident.pk}]"):
        yield {"subject": subject}
    for header in ("X_Headroom_Record", "X_Headroom_Thread", "Thread_Index", "Thread_Topic", "X_Original_References"):
        yield {header: f"<{true}>"}


def test_sixty_forged_headers_attach_nothing(bo: User, opened: Incident, mailbox: Mailbox, come: Come) -> None:
    Mailbox.objects.update(is_open=True)
    before = (opened.status, opened.version)
    tried = list(forgeries(mailbox, opened, "bo@example.org"))
    assert len(tried) >= 60
    for number, said in enumerate(tried):
        mail = come(a_mail(f"eve{number}@x.example", said.pop("subject", "Hello"), "Tell me", **said))  # type: ignore[arg-type]
        assert mail.record_id != opened.pk, said
        assert mail.did in {Did.OPENED, ""}, said
    opened.refresh_from_db()
    assert (opened.status, opened.version) == before
    assert not Note.objects.filter(record_id=opened.pk).exists()


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


def _only_what_may_stay(html: str) -> None:
    seen = _Seen()
    seen.feed(html)
    for tag, attributes in seen.found:
        assert tag in TAGS, html
        for name, value in attributes:
            assert name in ATTRIBUTES.get(tag, set()) | {"rel", "target"}, html
            if name in {"href", "src"}:
                assert re.match(r"(https?://|mailto:|/files/)", (value or "").lower()), html


@pytest.mark.heavy
def test_four_hundred_payloads_in_the_html_of_a_mail(come: Come, bo: User) -> None:
    """Sampled: a fifth of them, by turns."""
    mail = come(a_mail())
    assert len(PAYLOADS) >= 400
    for payload in PAYLOADS if IN_FULL else PAYLOADS[TURN % 5 :: 5]:
        for around in (
            "{}",
            '<a href="{}">x</a>',
            '<img src="{}" alt="{}">',
            "<td title='{}'>",
            "<p style='{}'>{}</p>",
        ):
            mail.html = cleaned(around.replace("{}", payload))
            _only_what_may_stay(showing.html_of(mail, with_remote=False))
            assert 'src="http' not in showing.html_of(mail, with_remote=False)
            mail.html = around.replace("{}", payload)  # as if it had never been cleaned
            _only_what_may_stay(showing.html_of(mail, with_remote=True))


def test_payloads_in_every_part_of_a_mail_are_text_on_its_pages(bo: User, come: Come, web: Any, manager: User) -> None:
    said = "".join(PAYLOADS[::7]).replace("\x00", "").replace("\n", " ")
    html = f"<p>{said}</p><img src=x onerror=alert(1)><script>alert(1)</script>"
    subject = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    come(
        a_mail(
            '"<b onclick=alert(1)>Bo" <bo@example.org>',
            subject,
            f"{said[:4000]}\n\n> <script>alert(2)</script>",
            html=html,
        )
    )
    eve = come(a_mail('"<script>alert(3)</script>" <eve@x.example>', subject, said[:4000], html=html))
    incident = Incident.objects.get()
    client = web(manager)
    for path in ("/mail/in/", "/mail/in/?tab=applied", eve.get_absolute_url(), f"{eve.get_absolute_url()}?raw=text",
                 f"{eve.get_absolute_url()}pictures/", incident.get_absolute_url(),
                 IncomingMail.objects.get(did="opened").get_absolute_url()):  # fmt: skip
        page = client.get(path).content.decode()
        assert not re.search(r"<[a-z][^<>]*\son[a-z]+\s*=", page), path
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


def test_pictures_of_elsewhere_wait_to_be_asked_for(bo: User, come: Come, web: Any, manager: User) -> None:
    mail = come(a_mail(html='<img src="https://track.example/p.gif" alt="hello">'))
    plain, asked = (web(manager).get(f"{mail.get_absolute_url()}{end}") for end in ("", "pictures/"))
    assert "track.example" not in plain.content.decode()
    assert "https:" not in plain["Content-Security-Policy"].partition("img-src")[2].partition(";")[0]
    assert 'src="https://track.example/p.gif"' in asked.content.decode()
    assert "https:" in asked["Content-Security-Policy"].partition("img-src")[2].partition(";")[0]


def test_twenty_round_trips_keep_their_size_and_order(
    sink: Sink, bo: User, worker: User, opened: Incident, mailbox: Mailbox, come: Come, as_actor: Any
) -> None:
    from email import message_from_bytes

    relay()
    sink.mails.clear()
    thread: list[str] = []
    for number in range(20):
        operations.reply(opened, actor=as_actor(worker), text=f"Question {number}?")
        relay()
        ours = next(mail for to, mail in sink.mails if "bo@example.org" in str(to))
        sink.mails.clear()
        body = ours.get_payload(0).get_payload(decode=True).decode() if ours.is_multipart() else ""  # type: ignore[union-attr]
        quoted = "\n".join(f"> {line}" for line in body.splitlines() + thread)
        thread = quoted.split("\n")
        raw = a_mail(
            subject=f"Re: {ours['Subject']}", text=f"Answer {number}.\n\nOn Mon, 3 May 2027 at 10:00, Support <{SUPPORT}> wrote:\n\n{quoted}",
            to=str(ours["Reply-To"]), References=str(ours["Message-ID"]), In_Reply_To=str(ours["Message-ID"]),
        )  # fmt: skip
        assert message_from_bytes(raw)["To"] == ours["Reply-To"]
        assert come(raw).record_id == opened.pk
        assert len(raw) > 500
    said = list(Note.objects.filter(record_id=opened.pk).order_by("id").values_list("text", flat=True))
    assert said == [text for number in range(20) for text in (f"Question {number}?", f"Answer {number}.")]
    assert Incident.objects.count() == 1


def test_two_desks_that_are_wired_together_say_one_thing_each(
    sink: Sink, bo: User, mailbox: Mailbox, come: Come
) -> None:
    """Ours acknowledges a mail of the other one; what the other one makes of that is a program's mail, and ends it."""
    come(a_mail("bo@example.org", "Ticket"))
    relay()
    assert len(sink.mails) == 1
    for number in range(5):
        echo = a_mail(
            "bo@example.org", f"We have your mail {number}", Auto_Submitted="auto-generated", X_Headroom_Loop="theirs"
        )
        assert come(echo).status == Status.IGNORED
    relay()
    assert len(sink.mails) == 1


def test_26_a_scanner_that_refuses_and_one_that_is_silent(
    bo: User, worker: User, come: Come, web: Any, settings: Any
) -> None:
    settings.FILES_SCANNER = "command:/bin/false"
    mail = come(a_mail(files=[("eicar.com", "application/octet-stream", b"X5O!")]))
    assert Attachment.objects.get().state == State.WAITING
    original = f"{mail.get_absolute_url()}original/"
    assert web(worker).get(original).status_code == 409
    settings.FILES_SCANNER = "clamd:127.0.0.1:1"
    assert web(worker).get(original).status_code == 409
    settings.FILES_SCANNER = "command:/bin/true"
    given = web(worker).get(original)
    assert b"X5O" not in b"".join(given.streaming_content), "in base64, as it came"
    assert given.status_code == 200


def test_a_numbering_that_begins_anew_doubles_nothing(mailbox: Mailbox, bo: User) -> None:
    raw, now = a_mail(), timezone.now()
    first = intake.accept(raw, mailbox=mailbox, uidvalidity=1, uid=5, at=now)
    assert intake.accept(raw, mailbox=mailbox, uidvalidity=1, uid=5, at=now).pk == first.pk
    again = intake.accept(raw, mailbox=mailbox, uidvalidity=2, uid=1, at=now)
    assert (again.pk, again.uid, again.uidvalidity) == (first.pk, 1, 2)
    apply(first.pk, now)
    assert apply(first.pk, now) is not None
    assert Incident.objects.count() == 1


def test_a_mail_above_the_limit_is_parked_by_its_headers(mailbox: Mailbox, bo: User) -> None:
    raw = a_mail().partition(b"\n\n")[0] + b"\n\n"
    kept = intake.accept(raw, mailbox=mailbox, uidvalidity=1, uid=1, at=timezone.now(), whole_size=40_000_000)
    mail = apply(kept.pk, timezone.now())
    assert mail is not None
    assert (mail.status, mail.reason, mail.there, mail.sender) == (
        "parked",
        Reason.TOO_LARGE,
        40_000_000,
        "bo@example.org",
    )
