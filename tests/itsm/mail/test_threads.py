"""Threads: what only we can have written says which record a mail belongs to."""

from datetime import UTC, datetime, timedelta

import pytest

from itsm.accounts.models import Team
from itsm.mail.models import IncomingMail, Mailbox, OutgoingMail
from itsm.mail.threads import Forged, Thread, earlier_ids, message_id_for, thread_of, token_address

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ADA = "ada@example.org"


@pytest.fixture
def mailbox() -> Mailbox:
    team = Team.objects.create(name="Payments", slug="payments")
    return Mailbox.objects.create(
        slug="payments", address="payments@desk.example", aliases=["pay@desk.example"], team=team
    )


def heard(*references: str, to: tuple[str, ...] = (), sender: str = ADA, at: datetime = NOW) -> Thread | Forged | None:
    return thread_of(references=references, recipients=to, sender=sender, at=at)


def test_a_reference_to_our_mail_names_its_record(mailbox: Mailbox) -> None:
    ours = message_id_for("incident", 42, 7, "desk.example")
    assert ours == message_id_for("incident", 42, 7, "desk.example")
    assert heard("<x@y>", ours, "<their@answer>") == Thread("incident", 42, "references")
    assert heard(ours.upper()) == Thread("incident", 42, "references")  # some servers shout
    assert heard("<x@y>") is None


def test_the_newest_reference_wins(mailbox: Mailbox) -> None:
    old, new = (message_id_for("incident", number, 1, "desk.example") for number in (1, 2))
    assert heard(old, new) == Thread("incident", 2, "references")


@pytest.mark.parametrize("change", ["number", "n", "kind", "sign", "digits"])
def test_a_changed_message_id_is_forged(mailbox: Mailbox, change: str) -> None:
    said, _, domain = message_id_for("incident", 42, 7, "desk.example").strip("<>").partition("@")
    kind, number, n, sign = said.split(".")
    if change == "number":
        number = "43"
    elif change == "n":
        n = "8"
    elif change == "kind":
        kind = "problem"
    elif change == "digits":
        number = "٤٢"
    else:
        sign = ("a" if sign[0] != "a" else "b") + sign[1:]
    found = heard(f"<{kind}.{number}.{n}.{sign}@{domain}>")
    assert found == (None if change == "digits" else Forged(kind, int(number)))


def test_another_desk_of_this_kind_forges_nothing(mailbox: Mailbox) -> None:
    said, _, _ = message_id_for("incident", 42, 7, "desk.example").strip("<>").partition("@")
    theirs = said[:-1] + ("a" if said[-1] != "a" else "b")
    assert heard(f"<{theirs}@other.example>") is None
    assert heard(f"<{theirs}@desk.example>") == Forged("incident", 42)


def test_a_token_holds_for_whom_it_was_sent_to(mailbox: Mailbox) -> None:
    address = token_address(mailbox, "incident", 42, ADA, at=NOW)
    assert address.startswith("payments+incident.42.")
    assert address.endswith("@desk.example")
    assert len(address.partition("@")[0]) <= 64
    assert heard(to=(f"Payments <{address}>",)) == Thread("incident", 42, "token")
    assert heard(to=(address.upper(),), sender=ADA.upper()) == Thread("incident", 42, "token")
    assert heard(to=(address,), sender="eve@example.org") == Forged("incident", 42)
    assert heard(to=(address.replace("payments+", "pay+"),)) == Thread("incident", 42, "token")  # an alias


@pytest.mark.parametrize(("days", "holds"), [(400, True), (401, False)])
def test_a_token_ends(mailbox: Mailbox, days: int, holds: bool) -> None:
    address = token_address(mailbox, "incident", 42, ADA, at=NOW)
    found = heard(to=(address,), at=NOW + timedelta(days=days))
    assert found == (Thread("incident", 42, "token") if holds else Forged("incident", 42))


def test_each_changed_sign_of_a_token_is_noticed(mailbox: Mailbox) -> None:
    local, _, domain = token_address(mailbox, "incident", 42, ADA, at=NOW).partition("@")
    start = local.index("+") + 1
    for place in range(start, len(local)):
        other = local[:place] + ("b" if local[place] != "b" else "c") + local[place + 1 :]
        assert not isinstance(heard(to=(f"{other}@{domain}",)), Thread), other
        assert not isinstance(heard(to=(local[:place] + local[place + 1 :] + f"@{domain}",)), Thread)


def test_a_token_of_another_mailbox_is_not_ours(mailbox: Mailbox) -> None:
    address = token_address(mailbox, "incident", 42, ADA, at=NOW)
    other = Mailbox.objects.create(slug="ops", address="ops@desk.example", team=mailbox.team)
    assert heard(to=(address.replace("payments+", "ops+"),)) == Forged("incident", 42)
    assert heard(to=(address.replace("payments+", "nobody+"),)) is None
    assert heard(to=(token_address(other, "incident", 42, ADA, at=NOW),)) == Thread("incident", 42, "token")


def test_a_token_is_left_out_where_an_address_would_grow_too_long(mailbox: Mailbox) -> None:
    mailbox.address = "a-quite-long-name-of-a-team-with-words@desk.example"
    assert token_address(mailbox, "incident", 42, ADA, at=NOW) == mailbox.address


def test_of_what_was_sent_to_somebody_the_last_twenty_are_referred_to(mailbox: Mailbox) -> None:
    for n in range(25):
        for to in (ADA, "bob@example.org"):
            OutgoingMail.objects.create(
                message_id=message_id_for("incident", 42, f"{n}-{to[0]}", "desk.example"),
                record_kind="incident", record_id=42, to=to, at=NOW,
            )  # fmt: skip
    mine = [message_id_for("incident", 42, f"{n}-a", "desk.example") for n in range(25)]
    assert earlier_ids("incident", 42, "Ada@example.org") == mine[5:]
    assert earlier_ids("incident", 42, ADA, before=mine[-1]) == mine[4:-1]
    assert earlier_ids("incident", 43, ADA) == []


def test_no_answer_stands_below_an_out_of_office_note(mailbox: Mailbox) -> None:
    for number, automatic in enumerate(("", "auto-submitted")):
        IncomingMail.objects.create(
            mailbox=mailbox, received_at=NOW, sha256=f"{number:064}", size=1, status="applied",
            did="commented", record_kind="incident", record_id=42, sender=ADA, message_id=f"<{number}@example.org>",
            automatic=automatic,
        )  # fmt: skip
    assert earlier_ids("incident", 42, ADA) == ["<0@example.org>"]


def test_what_they_wrote_themselves_is_referred_to_in_its_order(mailbox: Mailbox) -> None:
    ours = message_id_for("incident", 42, 1, "desk.example")
    OutgoingMail.objects.create(message_id=ours, record_kind="incident", record_id=42, to=ADA, at=NOW)
    for number, (sender, minutes) in enumerate([(ADA, -5), (ADA, 5), ("eve@example.org", 1)]):
        IncomingMail.objects.create(
            mailbox=mailbox, sha256=f"{number:064x}", size=1, received_at=NOW + timedelta(minutes=minutes), sender=sender,
            message_id=f"<{number}@there>", status="applied", did="commented", record_kind="incident", record_id=42,
            uidvalidity=1, uid=number,
        )  # fmt: skip
    assert earlier_ids("incident", 42, ADA) == ["<0@there>", ours, "<1@there>"]
