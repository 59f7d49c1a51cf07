"""Half a million rows are not looked at for a number: an index holds every column that a report asks of them."""

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.incident.models import Incident
from incidents.reports.queries import figures
from incidents.reports.queries.desk import desk
from incidents.reports.queries.measures import basis
from incidents.reports.queries.periods import ALL_TIME, Period
from incidents.reports.vocabulary import Group
from itsm.accounts.models import User
from itsm.kernel.actors import Actor

pytestmark = pytest.mark.django_db
# Alone, or as a subquery of Django's.
_NAMED = re.compile(r'(?:"incidents_incident"|U0)\."(\w+)"')


def asked(ask: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return [one["sql"] for one in captured.captured_queries if "incidents_incident" in one["sql"]]


def columns_of(name: str) -> set[str]:
    """The columns that an index holds."""
    index = next(one for one in Incident._meta.indexes if one.name == name)
    return {Incident._meta.get_field(field).column for field in (*index.fields, *index.include)}


@pytest.fixture
def page(agent: User, as_actor: Callable[[User], Actor]) -> list[str]:
    period = Period(timezone.now() - timedelta(days=90), timezone.now())
    return asked(lambda: desk(basis(as_actor(agent)), period, Group.PRIORITY, ZoneInfo("Europe/Berlin")))


def test_all_that_was_ever_opened_is_counted_by_one_index(agent: User, as_actor: Callable[[User], Actor]) -> None:
    statement, *_others = asked(lambda: figures(as_actor(agent), ALL_TIME))
    assert set(_NAMED.findall(statement)) <= columns_of("incident_by_opening"), statement


@pytest.mark.parametrize(
    ("column", "index"), [("opened_at", "incident_by_opening"), ("resolved_at", "incident_by_resolution")]
)
def test_so_is_all_that_a_page_says_of_a_period(page: list[str], column: str, index: str) -> None:
    dated = [one for one in page if f'"incidents_incident"."{column}" >= ' in one.partition(" WHERE (")[2]]
    dated = [one for one in dated if "openspan" not in one]  # few of all that came: looked up by their keys
    assert len(dated) >= 3
    for statement in dated:
        assert set(_NAMED.findall(statement.replace("U0.", "u."))) <= columns_of(index), statement


def test_a_backlog_over_time_is_one_statement_that_looks_at_no_row(page: list[str]) -> None:
    (statement,) = (one for one in page if 'FROM "incidents_openspan" WHERE' in one)
    assert set(_NAMED.findall(statement)) <= columns_of("incident_by_key"), statement
