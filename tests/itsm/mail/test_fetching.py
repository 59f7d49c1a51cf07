"""Reading a real mailbox (Debian's dovecot): each mail once, none lost, nothing marked there."""

import queue
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.mail import fetching, imap, intake
from itsm.mail.boxes.trying import try_out
from itsm.mail.models import IncomingMail, Mailbox
from tests.itsm.mail.dovecot import Dovecot, dovecot
from tests.itsm.scripted_server import Authority, an_authority

pytestmark = pytest.mark.django_db

USER = "payments@desk.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return an_authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[Dovecot]:
    certificate, key = authority.sign("dovecot", "IP:127.0.0.1")
    with dovecot(certificate=certificate, key=key) as running:
        yield running


@pytest.fixture
def box(server: Dovecot, authority: Authority, mailbox: Mailbox, settings: Any, tmp_path: Path) -> Mailbox:
    """The mailbox, connected to an empty INBOX."""
    (tmp_path / "mail").write_text("secret")
    (tmp_path / "ours.ca").write_bytes((authority.folder / "ca.pem").read_bytes())
    settings.SECRETS_DIR, settings.FILES_DIR = str(tmp_path), str(tmp_path / "files")
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
    with server.beside(USER) as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
    mailbox.host, mailbox.port, mailbox.credential, mailbox.authority = "127.0.0.1", server.port, "mail", "ours"
    mailbox.connected_at = timezone.now() - timedelta(seconds=2)
    mailbox.save()
    return mailbox


def a_mail(subject: str, size: int = 0) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "bo@example.org", USER, subject
    mail["Message-ID"] = f"<{abs(hash(subject))}@example.org>"
    mail.set_content("Hello\n" + "x" * size)
    return mail


def fetched(box: Mailbox) -> fetching.Fetched:
    box.refresh_from_db()
    return fetching.fetch(box, timezone.now())


def kept() -> list[str]:
    from itsm.mail.raw import place_of

    return [
        line.removeprefix(b"Subject: ").decode()
        for mail in IncomingMail.objects.order_by("id")
        for line in place_of(mail.sha256).read_bytes().splitlines()
        if line.startswith(b"Subject: ")
    ]


def test_what_is_new_is_kept_once_and_stays_unread_there(server: Dovecot, box: Mailbox) -> None:
    server.put(USER, a_mail("one"), a_mail("two"))
    assert fetched(box) == fetching.Fetched(2)
    assert fetched(box) == fetching.Fetched(0)
    server.put(USER, a_mail("three"))
    assert fetched(box) == fetching.Fetched(1)
    assert kept() == ["one", "two", "three"]
    assert Due.objects.filter(name=intake.APPLYING).count() == 3
    box.refresh_from_db()
    assert box.read_at is not None
    assert box.failing_since is None
    with server.beside(USER) as client:
        client.select_folder("INBOX", readonly=True)
        assert len(client.search("UNSEEN")) == 3


def test_what_lay_there_before_it_was_connected_stays_there(server: Dovecot, box: Mailbox) -> None:
    server.put(USER, a_mail("old"))
    Mailbox.objects.update(connected_at=timezone.now() + timedelta(seconds=2))
    assert fetched(box) == fetching.Fetched(0)
    server.put(USER, a_mail("new"))
    assert fetched(box) == fetching.Fetched(1)
    assert kept() == ["new"]


def test_a_mail_above_the_limit_is_kept_by_its_headers(
    server: Dovecot, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MAX_MAIL", 20_000)
    server.put(USER, a_mail("large", 30_000), a_mail("small"))
    assert fetched(box).mails == 2
    large, small = IncomingMail.objects.order_by("id")
    assert large.size > 30_000
    assert intake.HEADERS_FETCHED in large.flags
    assert intake.HEADERS_FETCHED not in small.flags
    assert kept() == ["large", "small"]


def test_numbered_anew_the_last_days_are_read_again_and_nothing_twice(server: Dovecot, box: Mailbox) -> None:
    server.put(USER, a_mail("one"), a_mail("two"))
    assert fetched(box).mails == 2
    box.refresh_from_db()
    before = box.uidvalidity
    server.renumber(USER)
    server.put(USER, a_mail("three"))
    fetched(box)
    box.refresh_from_db()
    assert box.uidvalidity != before
    assert kept() == ["one", "two", "three"]
    assert set(IncomingMail.objects.values_list("uidvalidity", flat=True)) == {box.uidvalidity}
    assert fetched(box) == fetching.Fetched(0)


@pytest.mark.parametrize("dies_after", range(4))
def test_killed_between_row_and_place_nothing_is_lost_or_doubled(
    server: Dovecot, box: Mailbox, monkeypatch: pytest.MonkeyPatch, dies_after: int
) -> None:
    """After the row of one mail, before how far we are: both are one transaction."""
    server.put(USER, *(a_mail(f"mail {number}") for number in range(4)))
    place, steps = fetching._note_place, iter(range(10))

    def dies(*args: Any) -> None:
        if next(steps) == dies_after:
            raise KeyboardInterrupt
        place(*args)

    monkeypatch.setattr(fetching, "_note_place", dies)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        fetched(box)
    monkeypatch.setattr(fetching, "_note_place", place)
    fetched(box)
    assert kept() == [f"mail {number}" for number in range(4)]


def test_who_is_slower_beside_us_takes_nobody_back(server: Dovecot, box: Mailbox) -> None:
    server.put(USER, a_mail("one"), a_mail("two"))
    stale = Mailbox.objects.get(pk=box.pk)
    assert fetched(box).mails == 2
    fetching.fetch(stale, timezone.now())
    box.refresh_from_db()
    last = box.last_uid
    fetching._note_place(box, box.uidvalidity, 1)
    box.refresh_from_db()
    assert box.last_uid == last
    assert kept() == ["one", "two"]


def test_a_backlog_is_read_in_rounds(server: Dovecot, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST", 2)
    server.put(USER, *(a_mail(f"mail {number}") for number in range(5)))
    rounds = [fetched(box) for _ in range(3)]
    assert [(one.mails, one.is_more) for one in rounds] == [(2, True), (2, True), (1, False)]
    assert kept() == [f"mail {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"credential": "missing"}, "was found neither as a file"),
        ({"username": "nobody"}, "does not take the sign-in"),
        ({"authority": ""}, "is not trusted"),
        ({"folder": "Nowhere"}, "Nowhere"),
        ({"port": 1}, "private address"),
        ({"host": "169.254.169.254"}, "private address"),
    ],
)
def test_what_keeps_it_from_being_read_is_a_sentence(box: Mailbox, change: dict[str, Any], said: str) -> None:
    Mailbox.objects.update(**change)
    done = fetched(box)
    assert said in done.error
    assert "secret" not in done.error.replace("secrets", "").replace("SECRETS", "").replace("SECRET_MISSING", "")
    box.refresh_from_db()
    assert box.last_error == done.error
    assert box.failing_since is not None


def test_tls_begins_by_starttls_and_nothing_is_said_before(server: Dovecot, box: Mailbox, settings: Any) -> None:
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.plain}"]
    Mailbox.objects.update(port=server.plain)
    assert "does not speak IMAP over TLS" in fetched(box).error
    Mailbox.objects.update(security="starttls")
    server.put(USER, a_mail("one"))
    assert fetched(box).error == ""
    assert kept() == ["one"]
    Mailbox.objects.update(authority="")
    assert "is not trusted" in fetched(box).error


@pytest.mark.parametrize("offers", ["", "STARTTLS "])
def test_who_begins_no_tls_is_told_no_secret(box: Mailbox, settings: Any, offers: str) -> None:
    """Somebody in between takes the offer out, or answers that it is not possible now."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rwb", 0) as line:
                line.write(f"* OK [CAPABILITY IMAP4rev1 {offers}AUTH=PLAIN] hello\r\n".encode())
                while said := line.readline():
                    heard.append(said)
                    tag, _, verb = said.strip().partition(b" ")
                    if verb == b"CAPABILITY":
                        line.write(f"* CAPABILITY IMAP4rev1 {offers}AUTH=PLAIN\r\n".encode())
                    line.write(tag + (b" NO not now\r\n" if verb == b"STARTTLS" else b" OK done\r\n"))

        talking = threading.Thread(target=talk)
        talking.start()
        port = listening.getsockname()[1]
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{port}"]
        Mailbox.objects.update(port=port, security="starttls")
        assert fetched(box).error != ""
        talking.join(60)
    assert any(b"STARTTLS" in said for said in heard) == bool(offers)
    assert not any(b"LOGIN" in said or b"secret" in said for said in heard)


def test_the_test_of_a_mailbox_goes_step_by_step(server: Dovecot, box: Mailbox) -> None:
    server.put(USER, a_mail("Grüße aus Köln"))
    steps = try_out(box, timezone.now())
    assert [step.is_good for step in steps] == [True, True, True]
    assert "1 mails" in steps[1].said
    assert "Grüße aus Köln" in steps[2].said
    assert not IncomingMail.objects.exists()
    box.username = "nobody"
    failed = try_out(box, timezone.now())
    assert [step.is_good for step in failed] == [False]


def test_mailboxes_are_read_beside_one_another_each_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that hangs holds up neither what is due nor another mailbox."""
    hangs, began, over = threading.Event(), queue.Queue(), threading.Barrier(fetching.AT_ONCE + 1)

    def read(mailbox_id: int) -> None:
        began.put(mailbox_id)
        hangs.wait(60)
        over.wait(60)

    monkeypatch.setattr(fetching, "_fetch_and_go_on", read)
    for mailbox_id in (1, 1, *range(1, fetching.AT_ONCE + 4)):
        fetching._start(mailbox_id)
    assert sorted(began.get(timeout=60) for _ in range(fetching.AT_ONCE)) == list(range(1, fetching.AT_ONCE + 1))
    threads = [one for one in threading.enumerate() if one.name.startswith("reads-mailbox-")]
    assert len(threads) == fetching.AT_ONCE
    hangs.set()
    over.wait(60)
    for thread in threads:
        thread.join(60)
    assert fetching._under_way == set()
    assert began.empty()


def test_what_nobody_promised_to_read_is_found_and_promised(box: Mailbox) -> None:
    now = timezone.now()
    assert fetching.unpromised(now) == 1
    fetching.promise_again(now)
    assert fetching.unpromised(now) == 0
    assert Due.objects.get(name=fetching.FETCHING).lane == "intake"
    Due.objects.update(given_up_at=now)
    assert fetching.unpromised(now) == 1
    Mailbox.objects.update(paused_at=now)
    assert fetching.unpromised(now) == 0


def test_a_round_is_promised_every_minute_and_read_after_its_promise(
    server: Dovecot, box: Mailbox, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_start", fetching._fetch_and_go_on)  # a thread would not see this transaction
    server.put(USER, a_mail("one"))
    now = timezone.now()
    fetching.begin(box, now)
    with django_capture_on_commit_callbacks() as later:
        assert due.sweep(now) == 1
    assert not IncomingMail.objects.exists()  # nothing is asked inside the transaction
    assert Due.objects.get(name=fetching.FETCHING, done_at=None).at == now + fetching.EVERY
    for call in later:
        call()
    assert kept() == ["one"]
