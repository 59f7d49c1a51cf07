"""Whatever people type is text wherever it is shown: it adds no element and no attribute to a page, no formula to a
table, no line to the head of a mail."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from incidents.models import Incident
from itsm.notifications import outbox
from itsm.notifications.notifying import notify
from tests.incidents.stored_text.desk import PLACES, ROOMY, Desk, Texts, addresses, filled, founded
from tests.incidents.stored_text.pages import Page, difference, words_of
from tests.incidents.stored_text.payloads import ELEMENTS, FORMULAS, PAYLOADS, TOGETHER
from tests.incidents.stored_text.watch import Watch
from tests.itsm.mail.subset import held_to_the_subset
from tests.slo.proving import IN_FULL, TURN

pytestmark = [pytest.mark.heavy, pytest.mark.django_db, pytest.mark.timeout(1800)]

# Each payload at each place in full, by shares that several workers can take; in the usual run a tenth of them, by the
# day, each at one place.
TURNS = range(len(TOGETHER) if IN_FULL else 1)
SHARES = [TURNS[start : start + 30] for start in range(0, len(TURNS), 30)]
SHOWN_AS_TYPED = ("title", "description", "note", "reply", "answer", "resolution", "typed text", "task")


@pytest.fixture
def desk(watch: Watch) -> Desk:
    return founded(watch)


@pytest.fixture
def doors(desk: Desk) -> dict[str, Client]:
    clients = {"agent": Client(), "caller": Client()}
    for name, client in clients.items():
        client.force_login(getattr(desk, name), backend="itsm.accounts.backends.PeopleOnly")
    return clients


def texts_of(turn: int) -> Texts:
    """For each place a payload that is an element, and where there is room another; in full each comes to each place."""
    if IN_FULL:
        return {place: TOGETHER[(turn + number) % len(TOGETHER)] for number, place in enumerate(PLACES)}
    others = PAYLOADS[len(ELEMENTS) :]
    texts = {place: ELEMENTS[(TURN * 61 + number) % len(ELEMENTS)] for number, place in enumerate(PLACES)}
    for number, place in enumerate(ROOMY):
        texts[place] = f"{others[(TURN * len(ROOMY) + number) % len(others)]} {texts[place]}"
    return texts


@contextmanager
def standing(desk: Desk, texts: Texts) -> Iterator[tuple[Incident, set[str]]]:
    with transaction.atomic():
        desk.watch.begin_again()
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


@pytest.mark.parametrize("turns", SHARES, ids=str)
def test_no_text_becomes_more_than_text_on_a_page(desk: Desk, doors: dict[str, Client], turns: range) -> None:
    twin = twin_of(desk, doors)
    for turn in turns:
        texts = texts_of(turn)
        with standing(desk, texts) as (incident, refused):
            pages = looked_at(doors, incident)
        for where, page in pages.items():
            assert not (said := difference(page, twin[where])), (where, said, texts)
            assert page.wrong == [], (where, texts)
        record = pages["agent", "/incidents/INC/"].text
        for place in set(SHOWN_AS_TYPED) - refused:
            assert words_of(texts[place]) in record, (place, texts[place])


def twin_of(desk: Desk, doors: dict[str, Client]) -> dict[tuple[str, str], Page]:
    """The same pages of a desk of plain words; every place is shown on one of them, or nothing would be proven of it."""
    marks = {place: f"Mark{number:03}x" for number, place in enumerate(PLACES)}
    with standing(desk, marks) as (incident, refused):
        pages = looked_at(doors, incident)
    assert refused == set()
    seen = " ".join(page.text + " ".join(page.values) for page in pages.values())
    assert [place for place, mark in marks.items() if mark not in seen] == []
    return pages


def test_no_cell_of_a_table_is_a_formula_and_lines_of_json_say_what_was_typed(
    desk: Desk, doors: dict[str, Client]
) -> None:
    turns = PAYLOADS if IN_FULL else dict.fromkeys([*FORMULAS, *PAYLOADS[TURN % 8 :: 8]])
    Incident.objects.bulk_create(
        Incident(title=text, description=text, resolution=text, opened_at=timezone.now(), attributes={"line": text})
        for text in turns
    )
    session = doors["agent"].session
    session["proved_at"] = timezone.now().timestamp()  # who exports everything has just shown who they are
    session.save()
    for who, address in (("agent", "/api/v1/incidents.csv"), ("agent", "/reports/incidents.csv")):
        said = read(doors[who].get(address))
        for row in csv.reader(io.StringIO(said, newline="")):
            assert len(row) > 5
            assert not [cell for cell in row if runs(cell)]
    lines = read(doors["agent"].get("/api/v1/incidents.jsonl")).rstrip("\n").split("\n")
    assert [(one["title"], one["attributes"]["line"]) for one in map(json.loads, lines)] == [(t, t) for t in turns]


def read(answer: object) -> str:
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def runs(cell: str) -> bool:
    """Whether a spreadsheet somewhere would compute it: what is not seen is passed over, wide signs are taken too."""
    seen = [one for one in cell if not one.isspace() and unicodedata.category(one) not in {"Cc", "Cf"}]
    return bool(seen) and unicodedata.normalize("NFKC", seen[0]) in set("=+-@")


def test_in_a_mail_no_text_is_html_or_a_line_of_its_head(desk: Desk) -> None:
    for turn in TURNS:
        texts = texts_of(turn) | {"reply": f"{TOGETHER[turn]}\r\nBcc: all@example.org"}
        with standing(desk, texts):
            mail.outbox.clear()
            notify([desk.caller], "Printed\r\nBcc: all@example.org")
            while outbox.relay(desk.watch.tomorrow()):
                pass
            assert len(mail.outbox) >= 4
            assert "Printed Bcc: all@example.org" in [sent.subject for sent in mail.outbox]
            for sent in mail.outbox:
                assert held_to_the_subset(sent)["Bcc"] is None, texts
