"""Uptime checks: once per step, recorded as a minute, refused targets count for nothing."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, connections

from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from slo.measuring import operations
from slo.measuring.adapters import uptime
from slo.measuring.operations.checks import run_checks
from slo.models import HourCounts, Indicator, UptimeCheck
from tests.factories.slo import MEASURER, MINUTE, T0, an_indicator, an_objective, evaluated

pytestmark = pytest.mark.django_db


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, uptime.Outcome]:
    """What each address says; the adapter itself is tested against real servers."""
    said: dict[str, uptime.Outcome] = {}
    monkeypatch.setattr(uptime, "run", lambda check: said.get(check.url, uptime.Outcome(True, "", 12)))
    return said


def checked(url: str = "https://shop.example/", **fields) -> Indicator:
    return an_indicator(source="uptime", check={"way": "http", "url": url}, **fields)


def stored() -> list[tuple[int, int]]:
    rows = HourCounts.objects.order_by("series_id", "hour")
    return [((row.bad or [0])[-1], (row.total or [0])[-1]) for row in rows]


def test_each_minute_is_looked_at_once(answers) -> None:
    checked()
    assert run_checks(actor=MEASURER, at=T0) == 1
    assert run_checks(actor=MEASURER, at=T0 + timedelta(seconds=40)) == 0
    assert run_checks(actor=MEASURER, at=T0 + MINUTE) == 1
    assert stored() == [(0, 2000)]


def test_a_failure_is_a_bad_minute_with_its_reason(answers) -> None:
    indicator = checked()
    answers["https://shop.example/"] = uptime.Outcome(False, "It answered 503; expected is 200-299.", 40)
    run_checks(actor=MEASURER, at=T0)
    objective = an_objective(indicator=indicator, at=T0 + MINUTE)
    assert evaluated(objective, T0 + MINUTE).bad_in_window == 1000
    check = UptimeCheck.objects.get()
    assert (check.last_result, check.last_elapsed_ms, check.last_checked_at) == (
        "It answered 503; expected is 200-299.", 40, T0,
    )  # fmt: skip


def test_a_target_that_may_not_be_asked_counts_for_nothing_and_is_shown(answers) -> None:
    indicator = checked()
    answers["https://shop.example/"] = uptime.Outcome(False, "It is a private address.", 0, is_refused=True)
    assert run_checks(actor=MEASURER, at=T0) == 0
    indicator.refresh_from_db()
    assert (indicator.last_error, indicator.failing_since, stored()) == ("It is a private address.", T0, [])


def test_a_longer_step_is_looked_at_once_in_it(answers) -> None:
    checked(step_minutes=5)
    looks = [run_checks(actor=MEASURER, at=T0 + minute * MINUTE) for minute in range(12)]
    assert looks == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_look_once(answers) -> None:
    for number in range(30):
        checked(f"https://shop-{number}.example/")
    looks: list[int] = []

    def look() -> None:
        looks.append(run_checks(actor=MEASURER, at=T0))
        connections.close_all()

    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(looks) == 30
    assert stored() == [(0, 1000)] * 30
    connection.close()


@pytest.mark.parametrize(
    "check",
    [
        {"way": "http", "url": "ftp://x"},
        {"way": "http", "url": "https://user:secret@x.example/"},
        {"way": "tcp", "host": "x"},
        {"way": "http", "url": "https://x.example", "expected_status": "ok"},
        {"way": "http", "url": "https://x.example", "method": "HEAD", "must_contain": "hello"},
        {"way": "http", "url": "https://x.example", "timeout_seconds": 31},
    ],
)
def test_checks_that_make_no_sense(check) -> None:
    with pytest.raises(InvalidInput):
        an_indicator(source="uptime", check=check)
    assert not Indicator.objects.exists()


def test_only_headroom_itself_looks() -> None:
    with pytest.raises(NotPermitted):
        operations.run_checks(actor=Actor(None, "Erin", MEASURER.kind.HUMAN, frozenset()), at=T0)
