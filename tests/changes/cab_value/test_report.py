"""The report on real rows: who decided, what failed, how long people took; odd questions; the page with much and nothing."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from rest_framework.test import APIClient

from changes.cab_value.queries import cab_value
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from tests.changes.back_tests.past import is_over, ten_changes
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import T0
from tests.together import each_of

# Runs of the past, as rows.
pytestmark = [pytest.mark.django_db, pytest.mark.writes_behind("I1")]
DAY = timedelta(days=1)
QUESTION = f"from={(T0 - DAY):%Y-%m-%d}&to={(T0 + DAY):%Y-%m-%d}"


@pytest.fixture
def past(asker: Actor, approving: Actor, owning: Actor) -> None:
    """Ten that people decided about (two failed, one never ran), and three by the model's word (one was rolled back)."""
    ten_changes(asker, approving)
    service = a_measured_service()
    model = a_model(service, owning, rollback_tested=True)
    for number in range(3):
        going = ask(service, asker, change_class="standard", model=model)
        assert going.status == "approved"
        is_over(going, "successful", rolled_back=number == 0)


def test_changes_are_told_apart_by_who_decided_and_by_how_they_went(
    past: None, manager: User, as_actor: Callable[[User], Actor], api: Callable[[User], APIClient]
) -> None:
    found = cab_value(as_actor(manager), T0 - DAY, T0 + DAY)
    people = [one.compared.people for one in found]
    automatic = [one.compared.automatic for one in found]
    assert [sum(part) for part in zip(*people, strict=True)] == [9, 2]
    assert [sum(part) for part in zip(*automatic, strict=True)] == [3, 1]
    assert {one.compared.answer for one in found} == {"insufficient"}
    waited = next(one for one in found if one.waiting.total)
    assert (waited.waiting.total, waited.cost(Decimal("85.50"))) == (2.0, Decimal("171.00"))
    assert not any(one.compared.people.changes for one in cab_value(as_actor(manager), T0 + DAY, T0 + 2 * DAY))
    told = api(manager).get(f"/api/v1/reports/cab-value/?{QUESTION}&rate=85.5").json()
    assert [one["risk"] for one in told["risks"]] == ["low", "medium", "high"]
    assert [one["cost"] for one in told["risks"] if one["wait_hours"]] == ["171.00"]
    assert {one["answer"] for one in told["risks"]} == {"insufficient"}


def test_the_page_says_insufficient_and_an_empty_one_what_counts(
    past: None, manager: User, web: Callable[[User], Client]
) -> None:
    client = web(manager)
    page = client.get(f"/changes/reports/cab-value/?{QUESTION}&rate=10").content.decode()
    assert "<strong>insufficient</strong>" in page
    assert "costs 20.00" in page
    assert "of 3 failed" in page
    assert "No change that was decided in this period" in client.get("/changes/reports/cab-value/").content.decode()
    assert client.get("/changes/reports/cab-value/?from=never").status_code == 400


@each_of(
    "odd",
    ["from=never", "from=2026-02-30", "from=2026-03-01&to=2026-02-01", "from=2020-01-01&to=2026-01-01", "from=1999-01-01&to=1999-02-01",
     "to=9999-01-01", "from=2026-11-29T00:00:00-23:59", "rate=NaN", "rate=-1", "rate=1e9", "rate=Infinity", "rate=many", "rate=%00", "since=2026-01-01"],
)  # fmt: skip
def test_an_odd_question_is_refused(odd: str, manager: User, api: Callable[[User], APIClient]) -> None:
    answer = api(manager).get(f"/api/v1/reports/cab-value/?{odd}")
    assert answer.status_code == 400, answer.content
