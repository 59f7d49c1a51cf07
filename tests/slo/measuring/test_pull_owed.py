"""What was asked and not answered stays owed, is asked again, is seen, and decides nothing by itself."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.notifications.outgoing import TooSlow
from slo.engine.samples import epoch_minute
from slo.measuring import operations
from slo.measuring.adapters import prometheus_asking as asking
from slo.measuring.adapters.prometheus import Fetched, Server, range_query
from slo.measuring.operations import pull_answers
from slo.measuring.queries.owed import owed_minutes, owed_rows
from slo.models import DataSource, Indicator, Objective, OwedPiece, QuarantinedSample
from slo.objectives import operations as objectives_operations
from tests.factories.slo import MEASURER, MINUTE, T0, an_indicator, an_objective, evaluated
from tests.itsm.scripted_server import Reply
from tests.slo.played_source import PlayedSource, played_source, refused
from tests.slo.stored import stored

pytestmark = pytest.mark.django_db
NOW = epoch_minute(T0)


@pytest.fixture
def source(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedSource]:
    monkeypatch.setattr(asking, "PAUSES", (0.0, 0.0))
    with played_source() as played:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{played.script.port}"]
        played.figures = {"good": lambda minute: 99, "total": lambda minute: 100}
        yield played


def pulled_from(source: PlayedSource, window_days: int = 7, **fields: Any) -> Objective:
    indicator = an_indicator(
        source="prometheus", server_url=source.url, **{"good_query": "good", "total_query": "total"} | fields
    )
    return an_objective(indicator=indicator, window_days=window_days, target=Decimal("0.9"), at=T0)


def pull(at: datetime) -> int:
    return operations.pull_source(DataSource.objects.get(), actor=MEASURER, at=at)


def the_indicator() -> Indicator:
    return Indicator.objects.get()


def test_what_came_late_is_asked_for_again_and_counted(source: PlayedSource) -> None:
    """Silent for forty minutes, then there with sixty per cent failures: all of it counts in the end."""
    objective = pulled_from(source)
    pull(T0)
    silence = range(NOW, NOW + 40)
    source.figures = {"good": lambda m: None if m in silence else 99, "total": lambda m: None if m in silence else 100}
    for minute in range(1, 41):
        pull(T0 + MINUTE * minute)
    owed = owed_minutes([the_indicator().pk])[the_indicator().pk]
    assert (owed.minutes, owed.failed, owed.pieces) == (40, 0, 1)
    source.figures = {"good": lambda m: 40 if m in silence else 99, "total": lambda m: 100}
    pull(T0 + MINUTE * 41)
    counts = stored(the_indicator())
    assert {counts[minute].bad for minute in silence} == {60_000}
    assert owed_minutes([the_indicator().pk]) == {}
    assert evaluated(objective, T0 + MINUTE * 41).coverage == 1


def test_what_comes_hours_later_still_counts(source: PlayedSource) -> None:
    pulled_from(source)
    pull(T0)
    gap = range(NOW + 10, NOW + 30)
    source.figures = {"good": lambda m: 99, "total": lambda m: None if m in gap else 100}
    for minute in range(1, 60):
        pull(T0 + MINUTE * minute)
    asked = len(source.asked)
    at = T0 + MINUTE * 59
    for _ in range(60):  # twenty hours: the questions for it grow rare
        at += MINUTE * 20
        pull(at)
    again = [one for one in source.asked[asked:] if one[0] == "total" and one[1] < NOW + 30 and one[2] <= NOW + 30]
    assert 10 < len(again) < 50
    source.figures = {"good": lambda m: 99, "total": lambda m: 100}
    pull(at + timedelta(hours=1))
    assert set(gap) <= stored(the_indicator()).keys()
    assert not OwedPiece.objects.exists()


@pytest.mark.parametrize("fault", [Reply(500, b"boom"), refused(422, "query processing would load too many samples")])
def test_one_piece_of_a_first_pull_that_fails_is_no_hole(source: PlayedSource, fault: Reply) -> None:
    """The second of many pieces: the error stays, the budget is not trusted, then the piece is answered in parts."""
    objective = pulled_from(source, window_days=28)
    bad = range(NOW - 20_000, NOW - 15_000)
    source.figures = {"good": lambda m: 0 if m in bad else 100, "total": lambda m: 100}
    source.faults = lambda query, first, end: (
        fault if first < bad.stop and bad.start < end and end - first > 300 else None
    )
    pull(T0)
    indicator = the_indicator()
    assert indicator.last_error
    assert indicator.failing_since == T0
    assert owed_minutes([indicator.pk])[indicator.pk].failed >= len(bad)
    budget = evaluated(objective, T0)
    assert budget.coverage < Decimal("0.9")
    assert budget.state == "low_confidence"
    at = T0
    for _ in range(20):
        at += MINUTE * 6
        pull(at)
    assert not OwedPiece.objects.exists()
    assert the_indicator().last_error == ""
    assert the_indicator().failing_since is None
    budget = evaluated(objective, at)
    assert (budget.coverage, budget.level) == (1, "exhausted")
    assert budget.bad_in_window == len(bad) * 100_000


def test_a_small_piece_that_is_owed_makes_a_large_window_uncertain(source: PlayedSource) -> None:
    """Coverage alone would not say it: two hours of ninety days."""
    objective = pulled_from(source, window_days=90)
    pull(T0)
    assert evaluated(objective, T0).state == "healthy"
    source.faults = lambda query, first, end: refused(422, "too many samples") if end <= NOW + 120 else None
    for minute in range(4, 121, 4):
        pull(T0 + MINUTE * minute)
    source.faults = lambda query, first, end: refused(422, "too many samples") if first < NOW + 100 else None
    at = T0 + MINUTE * 126
    pull(at)
    budget = evaluated(objective, at)
    assert budget.coverage > Decimal("0.99")
    assert ("low_confidence" in budget.flags, budget.state) == (True, "low_confidence")
    assert "too many samples" in the_indicator().last_error
    source.faults = lambda query, first, end: None
    for _ in range(6):
        at += MINUTE * 12
        pull(at)
    assert evaluated(objective, at).state == "healthy"


def test_pulling_twice_at_once_or_again_owes_the_same(source: PlayedSource) -> None:
    pulled_from(source)
    source.faults = lambda query, first, end: refused(422, "too much") if end > NOW - 3000 else None
    pull(T0)
    before = list(OwedPiece.objects.values_list("first_minute", "end_minute", "failed"))
    assert before
    pull(T0)
    assert list(OwedPiece.objects.values_list("first_minute", "end_minute", "failed")) == before


def test_while_nobody_answers_nothing_is_booked_and_the_next_pull_begins_there(source: PlayedSource) -> None:
    pulled_from(source)
    pull(T0)
    source.faults = lambda query, first, end: Reply(503, b"away")
    pull(T0 + MINUTE * 30)
    assert (the_indicator().pulled_until, OwedPiece.objects.count()) == (NOW, 0)
    assert "503" in the_indicator().last_error
    source.faults = lambda query, first, end: None
    pull(T0 + MINUTE * 31)
    assert (the_indicator().pulled_until, the_indicator().last_error) == (NOW + 31, "")
    assert len(stored(the_indicator())) == 7 * 1440 + 31


def test_a_first_question_that_takes_too_long_is_asked_in_parts(
    source: PlayedSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone with its source, and never answered as a whole: it is no silence."""

    def slow(server: Server, query: str, first: int, end: int, **more: Any) -> Fetched:
        if end - first > 400:
            raise TooSlow("It takes too long to answer.")
        return range_query(server, query, first, end, **more)

    monkeypatch.setattr(pull_answers, "range_query", slow)
    pulled_from(source)
    for hour in range(24):
        pull(T0 + timedelta(hours=hour))
    assert not OwedPiece.objects.exists()
    end = NOW + 23 * 60
    assert stored(the_indicator()).keys() >= set(range(end - 7 * 1440, end)), "all that the window reaches"
    assert the_indicator().last_error == ""


def test_what_no_window_reaches_is_owed_no_longer(source: PlayedSource) -> None:
    pulled_from(source)
    source.faults = lambda query, first, end: refused(422, "too much") if first < NOW - 9000 else None
    pull(T0)
    assert OwedPiece.objects.exists()
    pull(T0 + timedelta(days=8))
    assert not OwedPiece.objects.exists()


@pytest.mark.parametrize("remark", [{"isPartial": True}, {"warnings": ["store eu-west is away"]}])
def test_partial_data_count_for_nothing_and_stay_owed(source: PlayedSource, remark: dict[str, Any]) -> None:
    """Half of the events are missing: a calm minute it seems, and none of it is counted."""
    objective = pulled_from(source)
    pull(T0)
    source.figures["total"] = source.figures["good"] = lambda minute: 50
    source.remarks = remark
    pull(T0 + MINUTE * 3)
    assert "partial data" in the_indicator().last_error
    assert max(stored(the_indicator())) == NOW - 1
    [line] = owed_rows(the_indicator())
    assert (line.minutes, line.failed) == (3, True)
    source.remarks = {}
    source.figures = {"good": lambda minute: 0, "total": lambda minute: 100}
    for minute in (4, 5, 6):
        pull(T0 + MINUTE * minute)
    assert owed_minutes([the_indicator().pk]) == {}
    assert stored(the_indicator())[NOW].bad == 100_000
    assert evaluated(objective, T0 + MINUTE * 6).coverage == 1


@pytest.mark.parametrize(
    ("queries", "silent"),
    [
        ({"good_query": "good", "total_query": "total"}, "good"),
        ({"good_query": "good", "total_query": "total"}, "total"),
        ({"bad_query": "good", "total_query": "total", "good_query": ""}, "good"),
        ({"value_query": "good", "measure": "raw", "good_query": "", "total_query": ""}, "good"),
    ],
)
def test_the_query_that_gives_no_series_is_named_with_the_instant(
    source: PlayedSource, queries: dict[str, str], silent: str
) -> None:
    source.figures = {"good": lambda minute: 1, "total": lambda minute: 1}
    pulled_from(source, **queries)
    pull(T0)
    assert the_indicator().silent_queries == {}
    source.figures[silent] = lambda minute: 1 if minute < NOW else None
    for minute in range(1, 20):
        pull(T0 + MINUTE * minute)
    field = next(name for name, query in queries.items() if query == silent)
    assert list(the_indicator().silent_queries) == [field]
    since = datetime.fromisoformat(the_indicator().silent_queries[field])
    assert T0 <= since <= T0 + MINUTE * 6
    source.figures = dict.fromkeys(source.figures, lambda minute: None)
    pull(T0 + timedelta(days=3))
    assert list(the_indicator().silent_queries) == sorted(
        name for name, query in queries.items() if query and name != "measure"
    )
    assert datetime.fromisoformat(the_indicator().silent_queries[field]) == since
    source.figures = dict.fromkeys(source.figures, lambda minute: 1)
    pull(T0 + timedelta(days=3, minutes=1))
    assert the_indicator().silent_queries == {}


def test_a_part_a_little_larger_than_the_whole_is_bounded_and_said(source: PlayedSource) -> None:
    """Two counters are not scraped at the same instant: 101 of 100, every other minute."""
    objective = pulled_from(source)
    source.figures["good"] = lambda minute: 101 if minute % 2 else 99
    pull(T0)
    budget = evaluated(objective, T0)
    assert (budget.coverage, budget.bad_in_window) == (1, 7 * 1440 // 2 * 1000)
    assert the_indicator().bounded_minutes == 7 * 1440 // 2
    pull(T0 + MINUTE * 2)
    assert the_indicator().bounded_minutes == 7 * 1440 // 2 + 1, "the overlap is not counted again"


@pytest.mark.parametrize("part", ["good_query", "bad_query"])
def test_a_part_much_larger_than_the_whole_is_refused_in_words(source: PlayedSource, part: str) -> None:
    pulled_from(source, **{"good_query": "", part: "good", "total_query": "total"})
    source.figures["good"] = lambda minute: 130 if minute == NOW - 3 else 50
    pull(T0)
    assert NOW - 3 not in stored(the_indicator())
    assert "more good or bad events than events" in the_indicator().last_error
    assert [(line.minutes, line.failed) for line in owed_rows(the_indicator())] == [(1, False)]


def test_an_impossible_jump_waits_in_quarantine_and_is_not_asked_for_again(
    source: PlayedSource, owner: User, as_actor: Callable[..., Actor]
) -> None:
    """A counter that was summed elsewhere loses a member: a million events in one minute where a hundred are usual."""
    objective = pulled_from(source)
    pull(T0)
    jump = NOW + 2
    source.figures = {
        "good": lambda m: 1_000_000 if m == jump else 99,
        "total": lambda m: 1_001_225 if m == jump else 100,
    }
    for minute in range(1, 30):
        pull(T0 + MINUTE * minute)
        assert jump not in stored(the_indicator())
    aside = QuarantinedSample.objects.get()
    assert (aside.minute, aside.total, aside.usual) == (jump, 1_001_225_000, 100_000)
    assert owed_rows(the_indicator()) == [], "it came: a person decides about it, the source is not asked again"
    assert the_indicator().last_error == ""
    objectives_operations.release_sample(aside, actor=as_actor(owner), at=T0 + MINUTE * 30)
    pull(T0 + MINUTE * 31)
    assert stored(the_indicator())[jump].total == 1_001_225_000
    assert evaluated(objective, T0 + MINUTE * 31).bad_in_window > 1_225_000
    source.figures = {"good": lambda m: 99_000, "total": lambda m: 100_000}  # a thousand times the usual is no jump
    pull(T0 + MINUTE * 60)
    assert stored(the_indicator())[NOW + 50].total == 100_000_000
