"""Whatever is promised for later is watched: re-derived from the records, found late by the watch, or known to cost nothing."""

import re

import pytest
from django.db import connection
from django.utils import timezone

from itsm.clocks import due, late
from itsm.clocks.models import Due
from itsm.invariants.known import called
from itsm.invariants.platform.promised import otherwise
from tests.itsm.invariants.conftest import found_by

pytestmark = pytest.mark.django_db


def re_derived() -> set[str]:
    invariant = called("I15")
    assert invariant is not None
    return {one.name.removeprefix("promised: ") for one in invariant.questions if one.name.startswith("promised: ")}


def test_each_name_that_is_kept_when_it_is_due_is_watched() -> None:
    named = set(due._handlers)
    assert len(named) > 150
    assert named - re_derived() - set(otherwise()) == set()
    assert re_derived() - named == set()  # nothing is waited for that nobody keeps
    assert set(otherwise()) - named == set()
    assert re_derived() & set(otherwise()) == set()
    assert len(re_derived()) >= 40


def test_who_is_said_to_look_after_it_does() -> None:
    for name, said in otherwise().items():
        assert said in late._watched or re.fullmatch(r"[A-Z].+\.", said), name


def test_each_question_is_one_the_database_answers(db: None) -> None:
    assert found_by(only=("I15",)) == {}


@pytest.mark.heavy
@pytest.mark.writes_behind("I15")
def test_each_promise_of_the_demo_company_that_is_deleted_is_found(demo: object) -> None:
    """One row of each name that stands open there is taken away, alone: its record is named, and nothing else is. Of what
    was promised once more after it was kept (an article that is overdue for another look) the next one is taken."""
    before = found_by(only=("I15",)).get("I15", [])
    seen, kept_before = set(), set()
    for row in Due.objects.filter(name__in=re_derived(), done_at=None, given_up_at=None, at__gt=timezone.now()):
        if row.name in seen:
            continue
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM clocks_due WHERE name = %s AND record_kind = %s AND record_id = %s",
                           [row.name, row.record_kind, row.record_id])  # fmt: skip
        found = found_by(only=("I15",)).get("I15", [])
        assert len(found) <= len(before) + 1, (row.name, row.record_kind, row.record_id, found)
        (seen if len(found) > len(before) else kept_before).add(row.name)
        before = found
    assert kept_before <= seen
    assert len(seen) >= 8, seen
