"""Pulling from a real Prometheus, and what the adapter does with answers that cannot be counted on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from itsm.notifications.outgoing import OutgoingFailed
from slo.engine.samples import epoch_minute, instant_of
from slo.measuring import operations
from slo.measuring.adapters import prometheus as adapter
from slo.measuring.queries.owed import owed_minutes
from slo.models import Budget, HourCounts, Indicator, Objective
from tests.factories.slo import MEASURER, MINUTE, T0, an_indicator, an_objective, evaluated
from tests.slo.prometheus_server import GOOD_QUERY, TOTAL_QUERY, Server, Traffic, prometheus

DAYS = 16
BURN_BEGAN, BURN_MINUTES = timedelta(days=8, hours=3), 30


def this_minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def history(end: datetime) -> Iterator[Traffic]:
    """Sixteen days of sixty requests a minute; half an hour of them failed a bit more than eight days ago."""
    for back in range(DAYS * 1440, 0, -1):
        minute = end - MINUTE * back
        burning = end - BURN_BEGAN <= minute < end - BURN_BEGAN + MINUTE * BURN_MINUTES
        yield Traffic(minute, 0 if burning else 60, 60 if burning else 0)


@pytest.fixture(scope="module")
def now() -> datetime:
    """The end of the history; real time goes on while the tests run."""
    return this_minute()


@pytest.fixture(scope="module")
def server(now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), history(now)) as running:
        yield running


def pulled_objective(server: Server, at: datetime) -> Objective:
    indicator = an_indicator(source="prometheus", server_url=server.url, good_query=GOOD_QUERY, total_query=TOTAL_QUERY)
    return an_objective(at=at, indicator=indicator, window_days=7)


def pulled(indicator: Indicator, at: datetime) -> int:
    source = indicator.data_source
    assert source is not None
    return operations.pull_source(source, actor=MEASURER, at=at, only=[indicator])


def pulled_and_evaluated(objective: Objective, at: datetime) -> Budget:
    pulled(Indicator.objects.get(pk=objective.indicator_id), at)
    return evaluated(objective, at)


@pytest.mark.prometheus
@pytest.mark.django_db
def test_budgets_from_a_real_prometheus(now: datetime, server: Server, settings: Any) -> None:
    """Healthy, burning, healed eight days later; then the test lets the live target fail."""
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
    before, burning, after = now - BURN_BEGAN, now - BURN_BEGAN + MINUTE * BURN_MINUTES, now - timedelta(minutes=2)
    objective = pulled_objective(server, before)

    healthy = pulled_and_evaluated(objective, before)
    assert (healthy.state, healthy.remaining, healthy.flags) == ("healthy", Decimal(1), [])
    assert healthy.watermark == before
    assert Indicator.objects.get().last_error == ""

    burnt = pulled_and_evaluated(objective, burning)
    assert (burnt.state, burnt.level) == ("burning_fast", "exhausted")
    assert burnt.bad_in_window == pytest.approx(BURN_MINUTES * 60_000, rel=0.05)

    healed = pulled_and_evaluated(objective, after)
    assert (healed.state, healed.remaining) == ("healthy", Decimal(1))

    server.serve(good=10, bad=5000)
    live = pulled_and_evaluated(objective, this_minute() + MINUTE)
    assert (live.state, live.level) == ("burning_fast", "exhausted")


@pytest.mark.prometheus
@pytest.mark.django_db
def test_pulling_again_sets_the_same_minutes(now: datetime, server: Server, settings: Any) -> None:
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
    at = now - timedelta(days=1)
    objective = pulled_objective(server, at)
    first = pulled_and_evaluated(objective, at)
    assert pulled(Indicator.objects.get(), at) == 5  # the overlap
    again = evaluated(objective, at)
    assert (again.total_in_window, again.coverage) == (first.total_in_window, Decimal(1))


@pytest.mark.prometheus
@pytest.mark.django_db
def test_a_private_address_that_nobody_allowed_is_not_asked(server: Server, settings: Any) -> None:
    settings.OUTGOING_ALLOW = []
    objective = pulled_objective(server, T0)
    assert pulled_and_evaluated(objective, T0).state == "not_yet_measured"
    assert "private address" in Indicator.objects.get().last_error


def matrix(*values: str, warnings: list[str] | None = None, series: int = 1, first: int = 0) -> dict[str, Any]:
    points = [[(first + place + 1) * 60, value] for place, value in enumerate(values)]
    answer: dict[str, Any] = {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": {}, "values": points}] * series},
    }
    return answer | ({"warnings": warnings} if warnings else {})


@pytest.mark.parametrize(
    "answer",
    [
        matrix("1", warnings=["remote read failed"]),
        matrix("1", series=2),
        {"status": "error", "error": "query timed out"},
        {"status": "success", "data": {"resultType": "vector", "result": []}},
        {"status": "success"},
        {"data": None},
        [],
        None,
        matrix("many"),
    ],
)
@pytest.mark.django_db
def test_an_answer_that_cannot_be_counted_on_writes_nothing(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(adapter, "asked", lambda *_: answer)
    indicator = an_indicator(source="prometheus", server_url="http://p", good_query="a", total_query="b")
    assert pulled(indicator, T0) == 0
    indicator.refresh_from_db()
    assert indicator.last_error
    assert not HourCounts.objects.exists()
    owed = owed_minutes([indicator.pk])[indicator.pk]
    assert (owed.failed, indicator.pulled_until) == (28 * 1440, epoch_minute(T0)), "and all of it stays owed"


@pytest.mark.django_db
def test_minutes_that_only_one_query_knows_stay_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    end = epoch_minute(T0)

    def answer(server: object, path: str, params: dict[str, str]) -> Any:
        return matrix(*(("5", "5", "NaN") if params["query"] == "good" else ("5", "NaN", "5")), first=end - 3)

    monkeypatch.setattr(adapter, "asked", answer)
    indicator = an_indicator(source="prometheus", server_url="http://p", good_query="good", total_query="total")
    Indicator.objects.update(pulled_until=end - 3)
    indicator.refresh_from_db()
    assert pulled(indicator, T0) == 1
    assert HourCounts.objects.get().valid.bit_count() == 1


@pytest.mark.django_db
def test_a_source_that_was_away_is_caught_up_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    broken = {"after": 3}

    def answer(server: object, path: str, params: dict[str, str]) -> Any:
        if len(asked) >= broken["after"]:
            raise OutgoingFailed("No answer.")
        asked.append((int(params["start"]) // 60, int(params["end"]) // 60))
        return matrix()

    monkeypatch.setattr(adapter, "asked", answer)
    indicator = an_objective(
        indicator=an_indicator(source="prometheus", server_url="http://p", good_query="a", total_query="b")
    ).indicator
    pulled(indicator, T0)
    indicator.refresh_from_db()
    start = epoch_minute(T0) - 28 * 1440
    assert (indicator.last_error, indicator.pulled_until) == ("No answer.", start + 10_000)
    broken["after"] = 100
    pulled(indicator, T0)
    indicator.refresh_from_db()
    assert (indicator.last_error, indicator.pulled_until) == ("", epoch_minute(T0))
    assert max(end - first + 1 for first, end in asked) == 10_000
    assert asked[3][0] == start + 10_000 - 5 + 1  # overlaps what was there
    assert instant_of(asked[-1][1]) == T0
