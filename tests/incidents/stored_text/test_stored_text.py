"""Whatever people type is text wherever it is shown: it adds no element and no attribute to a page, no formula to a
table, no line to the head of a mail."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from incidents.models import Incident
from itsm.notifications import outbox
from tests.incidents.stored_text.desk import PLACES, WORD, Desk, Texts, addresses, filled, founded
from tests.incidents.stored_text.pages import Page, difference, words_of
from tests.incidents.stored_text.payloads import FORMULAS, PAYLOADS
from tests.slo.proving import IN_FULL

pytestmark = [pytest.mark.heavy, pytest.mark.django_db, pytest.mark.timeout(1800)]

# Each payload once at each place in full; in the usual run a tenth of them, by the day, each at one place.
TURNS = range(len(PAYLOADS)) if IN_FULL else range(2)
SHOWN_AS_TYPED = ("title", "description", "note", "reply", "answer", "resolution", "typed text", "task")


@pytest.fixture
def desk() -> Desk:
    return founded()


@pytest.fixture
def doors(desk: Desk) -> dict[str, Client]:
    clients = {"agent": Client(), "caller": Client()}
    for name, client in clients.items():
        client.force_login(getattr(desk, name), backend="itsm.accounts.backends.PeopleOnly")
    return clients


def texts_of(turn: int) -> Texts:
    """Another payload for each place; over all turns each payload comes to each place."""
    first = turn if IN_FULL else (timezone.now().toordinal() * 61 + turn * len(PLACES)) % len(PAYLOADS)
    return {place: PAYLOADS[(first + number) % len(PAYLOADS)] for number, place in enumerate(PLACES)}


def plain(texts: Texts) -> Texts:
    """The same with nothing in it but letters: as long, and with its line ends where it has them."""
    return {place: re.sub(r"[^\s]", "w", text) for place, text in texts.items()}


@contextmanager
def standing(desk: Desk, texts: Texts) -> Iterator[tuple[Incident, set[str]]]:
    with transaction.atomic():
        yield filled(desk, texts)
        transaction.set_rollback(True)


def looked_at(doors: dict[str, Client], incident: Incident) -> dict[tuple[str, str], Page]:
    """Every page, by who looks and where, the number of the record aside."""
    pages = {}
    for who, address in addresses(incident):
        said = {"HX-Request": "true"} if address.startswith("htmx ") else {}
        answer = doors[who].get(address.removeprefix("htmx "), headers=said)
        assert answer.status_code == 200, (who, address, answer.status_code)
        pages[who, address.replace(incident.reference, "INC")] = Page(answer.content.decode())
    return pages


def test_no_text_becomes_more_than_text_on_a_page(desk: Desk, doors: dict[str, Client]) -> None:
    for turn in TURNS:
        texts = texts_of(turn)
        with standing(desk, texts) as (incident, refused):
            pages = looked_at(doors, incident)
        with standing(desk, plain(texts) | dict.fromkeys(refused, WORD)) as (incident, refused_too):
            twins = looked_at(doors, incident)
        assert refused_too == set()
        for where, page in pages.items():
            assert not (said := difference(page, twins[where])), (where, said, texts)
            assert page.wrong == [], (where, texts)
        record = pages["agent", "/incidents/INC/"].text
        for place in set(SHOWN_AS_TYPED) - refused:
            assert words_of(texts[place]) in record, (place, texts[place])


def test_every_place_is_looked_at(desk: Desk, doors: dict[str, Client]) -> None:
    """The proof above proves something only of texts that some page shows."""
    marks = {place: f"Mark{number:03}x" for number, place in enumerate(PLACES)}
    with standing(desk, marks) as (incident, _refused):
        seen = " ".join(page.text + " ".join(page.values) for page in looked_at(doors, incident).values())
    assert [place for place, mark in marks.items() if mark not in seen] == []


def test_no_cell_of_a_table_is_a_formula_and_lines_of_json_say_what_was_typed(
    desk: Desk, doors: dict[str, Client]
) -> None:
    turns = PAYLOADS if IN_FULL else dict.fromkeys([*FORMULAS, *PAYLOADS[timezone.now().toordinal() % 8 :: 8]])
    Incident.objects.bulk_create(
        Incident(title=text, description=text, resolution=text, opened_at=timezone.now(), attributes={"line": text})
        for text in turns
    )
    for who, address in (("agent", "/api/v1/incidents.csv"), ("agent", "/reports/incidents.csv")):
        said = read(doors[who].get(address))
        for row in csv.reader(io.StringIO(said, newline="")):
            assert len(row) > 5
            assert not [cell for cell in row if runs(cell)]
    lines = read(doors["agent"].get("/api/v1/incidents.jsonl")).splitlines()
    assert [(one["title"], one["attributes"]["line"]) for one in map(json.loads, lines)] == [(t, t) for t in turns]


def read(answer: object) -> str:
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def runs(cell: str) -> bool:
    """Whether a spreadsheet somewhere would compute it: what is not seen is passed over, wide signs are taken too."""
    seen = [one for one in cell if not one.isspace() and unicodedata.category(one) not in {"Cc", "Cf"}]
    return bool(seen) and unicodedata.normalize("NFKC", seen[0]) in set("=+-@")


def test_a_mail_is_plain_text_and_no_text_is_a_line_of_its_head(desk: Desk) -> None:
    for turn in TURNS if IN_FULL else range(4):
        texts = texts_of(turn) | {"reply": f"{PAYLOADS[turn]}\r\nBcc: all@example.org"}
        with standing(desk, texts):
            mail.outbox.clear()
            while outbox.relay(timezone.now()):
                pass
            assert len(mail.outbox) >= 3
            for sent in mail.outbox:
                read_again = message_from_bytes(sent.message().as_bytes())
                assert read_again.get_content_type() == "text/plain"
                assert read_again["Bcc"] is None
                assert set(read_again.keys()) == HEAD, texts


HEAD = {
    "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID",
    "Auto-Submitted",
}  # fmt: skip
