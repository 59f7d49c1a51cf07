"""Lists say where a change stands, what it waits for and until when, before what the gate said; and why people decide."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from changes.change.queries.list_rows import list_rows
from changes.models import Change
from itsm.accounts.models import User
from tests.changes.scene import a_service, asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(person: Callable[..., User]) -> User:
    return person("engineer", username="ada")


def only_row(change: Change) -> Any:
    change.refresh_from_db()
    return list_rows([change])[0]


def test_what_a_change_waits_for_follows_its_way(ada: User, manager: User, as_actor: Any, web: Any) -> None:
    change = asked(a_service(slug="search"), ada, summary="Move the index").change
    row = only_row(change)
    assert row.waits.startswith("people: ")
    assert (row.means, row.until is not None) == ("due", True)
    assert row.reason.endswith(".")
    web(manager).post(f"/changes/{change.reference}/approve/", {"version": change.version})
    row = only_row(change)
    assert (row.waits, row.means, row.until) == ("its start", "lapses", row.change.authorised_until)
    web(ada).post(f"/changes/{change.reference}/start/")
    assert only_row(change).waits == "its end"
    web(ada).post(f"/changes/{change.reference}/finish/")
    assert only_row(change).waits == "its outcome"


def test_the_desk_says_it_of_ones_own(ada: User, web: Any) -> None:
    change = asked(a_service(slug="search"), ada, summary="Move the index").change
    desk = web(ada).get("/").content.decode()
    mine = desk[desk.index('id="my-changes"') :]
    assert mine.index("Assessing") < mine.index("One approver")
    assert "waits for people: " in mine
    assert change.reference in mine


def test_whoever_is_asked_reads_why(ada: User, approver: User, web: Any) -> None:
    change = asked(a_service(slug="search"), ada, summary="Move the index").change
    reason = only_row(change).reason
    for page in ("/", "/changes/?tab=waiting"):
        assert reason in web(approver).get(page).content.decode(), page


def test_the_state_stands_before_the_verdict_in_every_list(ada: User, web: Any) -> None:
    change = asked(a_service(slug="search"), ada, summary="Move the index").change
    for page in ("/changes/?tab=mine", "/changes/?tab=all", "/changes/of/search/"):
        row = web(ada).get(page).content.decode().split(change.summary)[-1]
        assert row.index("Assessing") < row.index("One approver"), page


def test_rows_cost_two_queries_however_many(ada: User) -> None:
    service = a_service(slug="search")
    changes = [asked(service, ada, summary=f"Change {number}").change for number in range(3)]
    for some in (changes[:1], changes):
        with CaptureQueriesContext(connection) as queries:
            list_rows(some)
        assert len(queries) == 2
