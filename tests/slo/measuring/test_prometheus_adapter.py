"""The adapter against a real Prometheus, and against servers that are busy, sign-in minded or wrong."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from itsm.notifications.credentials import Credentials
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from slo.engine.samples import epoch_minute
from slo.measuring.adapters import prometheus as adapter
from slo.measuring.adapters import prometheus_asking as asking
from slo.measuring.adapters.prometheus import Fetched, Server, Unusable
from tests.itsm.scripted_server import Asked, Reply, Scripted, an_authority, scripted
from tests.slo import prometheus_server
from tests.slo.prometheus_server import TOTAL_QUERY, Traffic, prometheus

DAYS = 8  # more than 10,000 minutes
MINUTE = timedelta(minutes=1)
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
END = epoch_minute(NOW)
BEGAN = END - DAYS * 1440
COUNTER = "sum(shop_requests_total)"


def requests_in(minute: int) -> int:
    """Good and bad ones of a minute, different from its neighbours' so that a shift by one shows."""
    return 60 + minute % 7 * 2


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[prometheus_server.Server]:
    history = [Traffic(NOW - MINUTE * back, requests_in(END - back) - 10, 10) for back in range(DAYS * 1440, 0, -1)]
    with prometheus(tmp_path_factory.mktemp("prometheus"), history) as running:
        yield running


@pytest.fixture
def server(real: prometheus_server.Server, settings: Any) -> Server:
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{real.port}"]
    return Server(real.url + "/")


@pytest.fixture
def played(settings: Any) -> Iterator[Scripted]:
    """A server that plays Prometheus."""
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        yield script


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, written down and not waited for."""
    waited: list[float] = []
    monkeypatch.setattr(asking.time, "sleep", waited.append)
    return waited


def matrix(*series: dict[int, str], labels: tuple[dict[str, str], ...] = (), **more: Any) -> Reply:
    """minute -> value of each series"""
    result = [
        {
            "metric": labels[place] if labels else {},
            "values": [[(minute + 1) * 60, value] for minute, value in one.items()],
        }
        for place, one in enumerate(series)
    ]
    return Reply(
        body=json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}, **more}).encode()
    )


def answers(script: Scripted, *replies: Reply) -> None:
    """One after the other; the last one for ever."""
    script.answer = lambda asked: replies[min(len(script.asked), len(replies)) - 1]


@pytest.mark.prometheus
class TestARealOne:
    def test_a_query_at_the_end_of_a_minute_speaks_about_it(self, server: Server) -> None:
        first, end = END - 3000, END - 2000
        found = adapter.range_query(server, TOTAL_QUERY, first, end)
        assert sorted(found.values) == list(range(first, end))
        by_rest = {minute % 7: value for minute, value in found.values.items()}
        growth = [by_rest[(minute + 1) % 7] - by_rest[minute % 7] for minute in range(7)]
        assert max(range(7), key=by_rest.__getitem__) == 6  # as requests_in has it, not one later or earlier
        assert sum(growth) == 0
        assert (found.is_partial, found.warnings) == (False, ())

    def test_a_counters_growth_is_exact(self, server: Server) -> None:
        first, end = END - 3000, END - 2000
        found = adapter.range_query(server, COUNTER, first, end, counter=True)
        assert {minute: round(value, 6) for minute, value in found.values.items()} == {
            minute: requests_in(minute) for minute in range(first, end)
        }
        assert all(isinstance(value, Decimal) for value in found.values.values())

    def test_a_counter_that_was_not_there_has_not_grown(self, server: Server) -> None:
        found = adapter.range_query(server, COUNTER, BEGAN - 20, BEGAN + 3, counter=True)
        assert sorted(found.values) == [BEGAN, BEGAN + 1, BEGAN + 2]

    @pytest.mark.parametrize("step", [2, 5, 60])
    def test_a_wider_step_speaks_at_its_last_minute(self, server: Server, step: int) -> None:
        first, end = END - 2003, END - 1001
        found = adapter.range_query(server, COUNTER, first, end, counter=True, step_minutes=step)
        expected = {
            minute: sum(requests_in(minute - back) for back in range(step))
            for minute in range(first, end)
            if (minute + 1) % step == 0
        }
        # Prometheus extrapolates to the edges of the step, here by a quarter of a minute at each.
        assert found.values.keys() == expected.keys()
        assert all(abs(value - expected[minute]) < 8 for minute, value in found.values.items())

    def test_more_than_ten_thousand_minutes_come_in_chunks(self, server: Server) -> None:
        first = BEGAN + 1
        with pytest.raises(Unusable, match="11,000 points"):
            adapter.range_query(server, COUNTER, first, END)
        pieces = list(adapter.chunks(first, END))
        assert [end - start for start, end in pieces] == [10_000, END - first - 10_000]
        found: dict[int, Decimal] = {}
        for start, end in pieces:
            found |= adapter.range_query(server, COUNTER, start, end, counter=True).values
        assert {minute: round(value, 6) for minute, value in found.items()} == {
            minute: requests_in(minute) for minute in range(first, END)
        }

    def test_one_series_per_label(self, server: Server) -> None:
        query, first = "sum by (code) (shop_requests_total)", END - 100
        found = adapter.range_by_label(server, query, "code", first, first + 10)
        assert sorted(found) == ["200", "500"]
        assert set(found["500"].values) == set(range(first, first + 10))
        assert found["200"].values[first] > found["500"].values[first]
        with pytest.raises(Unusable, match="sum by"):
            adapter.range_by_label(server, "shop_requests_total", "job", first, first + 10)

    def test_labels(self, server: Server) -> None:
        assert adapter.label_values(server, "code", "shop_requests_total") == ["200", "500"]
        assert adapter.label_values(server, "code", 'shop_requests_total{code=~"5.."}') == ["500"]
        assert "up" in adapter.label_values(server, "__name__")
        with pytest.raises(Unusable, match="Prometheus says"):
            adapter.label_values(server, "code", "{")
        with pytest.raises(Unusable):
            adapter.label_values(server, "code/../../x")

    def test_a_wrong_query_is_said_in_its_words(self, server: Server) -> None:
        with pytest.raises(Unusable, match="parse error"):
            adapter.range_query(server, "sum(", END - 10, END)
        with pytest.raises(Unusable, match="several series"):
            adapter.range_query(server, "shop_requests_total", END - 100, END)

    def test_a_query_that_takes_too_long_is_said_to(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(adapter, "QUERY_TIMEOUT", "0.000000001")  # over before it begins, however fast the machine
        with pytest.raises(Unusable, match="timed out"):
            adapter.range_query(server, COUNTER, END - 10, END)

    def test_a_long_query_goes_as_a_form(self, server: Server) -> None:
        query = " + ".join(["0 * sum(shop_requests_total)"] * 150) + " + " + COUNTER
        assert len(query) > asking.LONGEST_IN_ADDRESS
        first = END - 100
        long, short = (adapter.range_query(server, one, first, first + 9).values for one in (query, COUNTER))
        assert long == short
        assert len(long) == 9

    def test_what_is_not_there_is_a_gap(self, server: Server) -> None:
        assert adapter.range_query(server, COUNTER, BEGAN - 500, BEGAN - 400).values == {}
        assert adapter.range_query(server, "0 / (0 * sum(shop_requests_total))", END - 99, END - 9).values == {}

    def test_it_is_ready(self, server: Server) -> None:
        assert adapter.is_ready(server)

    def test_it_is_not_asked_unless_it_is_listed(self, server: Server, settings: Any) -> None:
        settings.OUTGOING_ALLOW = []
        for ask in (
            lambda: adapter.range_query(server, "1", 0, 1),
            lambda: adapter.label_values(server, "code"),
            lambda: adapter.is_ready(server),
        ):
            with pytest.raises(OutgoingRefused):
                ask()


class TestCounters:
    def test_growth_is_asked_for_each_series_before_the_sum(self, played: Scripted) -> None:
        answers(played, matrix({10: "30", 11: "NaN", 12: "0.5"}))
        found = adapter.range_query(Server(played.url), 'sum(c{a="b"})', 10, 20, counter=True, step_minutes=2)
        assert found.values == {10: 30, 12: Decimal("0.5")}
        asked = parse_qs(urlsplit(played.asked[0].path).query)
        assert (asked["query"], asked["step"]) == (['sum(increase(c{a="b"}[2m]))'], ["120"])

    def test_what_is_no_sum_of_counters_is_not_asked_at_all(self, played: Scripted) -> None:
        with pytest.raises(Unusable, match="rate gives growth already"):
            adapter.range_query(Server(played.url), "sum(rate(c[1m]))", 10, 20, counter=True)
        assert played.asked == []

    def test_values_outside_the_minutes_asked_for_are_left_out(self, played: Scripted) -> None:
        answers(played, matrix({8: "1", 9: "2", 10: "3", 12: "4"}))
        assert adapter.range_query(Server(played.url), "c", 9, 12).values == {9: 2, 10: 3}

    def test_no_whole_step_asks_nothing(self, played: Scripted) -> None:
        assert adapter.range_query(Server(played.url), "c", 1, 4, step_minutes=5).values == {}
        assert played.asked == []


class TestRemarks:
    def test_about_the_query_they_leave_the_values_usable(self, played: Scripted) -> None:
        remark = "PromQL warning: metric might not be a counter"
        answers(played, matrix({1: "1"}, warnings=[remark], infos=["PromQL info: x"]))
        found = adapter.range_query(Server(played.url), "c", 0, 5)
        assert found == Fetched({1: Decimal(1)}, (remark,), ("PromQL info: x",))
        assert not found.is_partial

    def test_any_other_means_that_something_is_missing(self, played: Scripted) -> None:
        answers(played, matrix({1: "1"}, warnings=["PromQL warning: x"] * 30 + ["store eu is away" + "!" * 900]))
        found = adapter.range_query(Server(played.url), "c", 0, 5)
        assert found.is_partial
        assert found.warnings[0].startswith("store eu is away")
        assert (len(found.warnings), len(found.warnings[0])) == (10, 200)

    def test_partial_and_empty_by_label_is_not_taken_for_nothing(self, played: Scripted) -> None:
        answers(played, matrix(warnings=["store eu is away"]))
        with pytest.raises(Unusable, match="store eu"):
            adapter.range_by_label(Server(played.url), "c", "job", 0, 5)


class TestPatience:
    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_a_busy_server_is_asked_twice_more(self, played: Scripted, pauses: list[float], status: int) -> None:
        answers(played, Reply(status, b"busy"), Reply(status, b"busy"), matrix({1: "1"}))
        assert adapter.range_query(Server(played.url), "c", 0, 5).values == {1: 1}
        assert (len(played.asked), pauses) == (3, list(asking.PAUSES))

    def test_and_not_a_fourth_time(self, played: Scripted, pauses: list[float]) -> None:
        answers(played, Reply(503, b"still busy"))
        with pytest.raises(OutgoingFailed, match="503: still busy"):
            adapter.range_query(Server(played.url), "c", 0, 5)
        assert (len(played.asked), len(pauses)) == (3, 2)

    @pytest.mark.parametrize(
        ("wanted", "waited"), [("3", [3, 3]), ("0", [0.25, 1.0]), ("6", []), ("9" * 400, []), ("soon", [0.25, 1.0])]
    )
    def test_it_waits_as_it_is_told_but_not_for_long(
        self, played: Scripted, pauses: list[float], wanted: str, waited: list[float]
    ) -> None:
        answers(played, Reply(429, b"", {"Retry-After": wanted}))
        with pytest.raises(OutgoingFailed, match="429"):
            adapter.range_query(Server(played.url), "c", 0, 5)
        assert pauses == waited

    @pytest.mark.parametrize("status", [400, 422])
    def test_a_wrong_query_is_asked_once(self, played: Scripted, pauses: list[float], status: int) -> None:
        error = {"status": "error", "errorType": "bad_data", "error": "unknown function " + "x" * 900}
        answers(played, Reply(status, json.dumps(error).encode()))
        with pytest.raises(Unusable, match="unknown function") as caught:
            adapter.range_query(Server(played.url), "c", 0, 5)
        assert (len(played.asked), pauses) == (1, [])
        assert len(str(caught.value)) < 530

    def test_a_query_that_timed_out_there_is_asked_once(self, played: Scripted, pauses: list[float]) -> None:
        answers(played, Reply(503, b'{"status":"error","errorType":"timeout","error":"query timed out"}'))
        with pytest.raises(Unusable, match="query timed out"):
            adapter.range_query(Server(played.url), "c", 0, 5)
        assert len(played.asked) == 1

    def test_a_connection_that_breaks_is_made_again(self, played: Scripted, pauses: list[float]) -> None:
        answers(played, Reply(body=b"{", headers={"Content-Length": "9"}), matrix({1: "1"}))
        assert adapter.range_query(Server(played.url), "c", 0, 5).values == {1: 1}
        assert len(played.asked) == 2

    def test_a_slow_one_is_not_burdened_again(self, played: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(asking, "TIMEOUT_SECONDS", 0.3)
        answers(played, Reply(pieces=[b" "] * 40_000, pause=0.05))  # for half an hour
        with pytest.raises(OutgoingFailed, match="too long"):
            adapter.range_query(Server(played.url), "c", 0, 5)
        assert len(played.asked) == 1


class TestSigningIn:
    def test_over_tls_with_token_and_tenant(self, tmp_path: Path, settings: Any) -> None:
        authority = an_authority(tmp_path)
        token = Credentials("bearer", "mimir", secret="of-the-mimir", authority=tmp_path / "ca.pem")
        with scripted(authority.server_context()) as script:
            settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
            answers(script, matrix({1: "1"}))
            server = Server(f"{script.url}/prometheus/", token, {"X-Scope-OrgID": "payments"})
            assert adapter.range_query(server, "c", 0, 5).values == {1: 1}
            assert adapter.range_query(server, "c" * 4000, 0, 5).values == {1: 1}
        for asked, method in zip(script.asked, ("GET", "POST"), strict=True):
            assert asked.method == method
            assert asked.path.startswith("/prometheus/api/v1/query_range")
            assert (asked.headers["Authorization"], asked.headers["X-Scope-OrgID"]) == (
                "Bearer of-the-mimir",
                "payments",
            )

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_refused_credential_is_said(self, played: Scripted, status: int) -> None:
        answers(played, Reply(status, b"\x1b[31mtoken\x00 expired\n yesterday"))
        with pytest.raises(OutgoingFailed, match=rf"refuses the credential \({status}\): \[31mtoken expired yesterday"):
            adapter.range_query(Server(played.url, Credentials("bearer", "x", secret="of-the-mimir")), "c", 0, 5)
        with pytest.raises(OutgoingFailed, match=f"answered {status}: \\[31mtoken expired") as caught:
            adapter.range_query(Server(played.url), "c", 0, 5)
        assert "credential" not in str(caught.value)

    @pytest.mark.parametrize(("status", "kind"), [(422, Unusable), (500, OutgoingFailed), (200, Unusable)])
    def test_nothing_repeats_the_secret(self, played: Scripted, status: int, kind: type[Exception]) -> None:
        def echo(asked: Asked) -> Reply:
            said = f"you said {asked.headers['Authorization']}"
            return Reply(status, json.dumps({"status": "error", "errorType": "x", "error": said}).encode())

        played.answer = echo
        with pytest.raises(kind, match="you said") as caught:
            adapter.range_query(Server(played.url, Credentials("bearer", "x", secret="of-the-mimir")), "c", 0, 5)
        assert "mimir" not in str(caught.value)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
def test_whether_it_is_ready_is_seen_by_a_query_whatever_its_other_pages_say(played: Scripted, status: int) -> None:
    one = b'{"status":"success","data":{"resultType":"scalar","result":[0,"1"]}}'
    played.answer = lambda asked: Reply(200, one) if asked.path.startswith("/p/api/v1/query?") else Reply(status)
    assert adapter.is_ready(Server(played.url + "/p"))
    with pytest.raises(OutgoingFailed, match=str(status)):
        adapter.is_ready(Server(played.url))


def test_parameters_of_the_sources_address_go_with_every_question(played: Scripted) -> None:
    answers(played, matrix({1: "1"}))
    server = Server(played.url + "/thanos/?dedup=true&partial_response=false")
    adapter.range_query(server, "c", 0, 5)
    adapter.range_query(server, "c" * 4000, 0, 5)
    for asked in played.asked:
        place = urlsplit(asked.path)
        given = parse_qs(place.query)
        assert place.path == "/thanos/api/v1/query_range"
        assert (given["dedup"], given["partial_response"]) == (["true"], ["false"])
    assert [one.method for one in played.asked] == ["GET", "POST"]
    assert b"query=" in played.asked[1].body


@pytest.mark.parametrize("more", [{"isPartial": True}, {"warnings": ["store eu is away"]}, {"isPartial": "yes"}])
def test_partial_data_are_said_and_a_partial_list_is_none(played: Scripted, more: dict[str, Any]) -> None:
    answers(played, matrix({1: "1"}, **more))
    assert adapter.range_query(Server(played.url), "c", 0, 5).is_partial
    played.answer = lambda asked: Reply(body=json.dumps({"status": "success", "data": ["a", "b"], **more}).encode())
    with pytest.raises(Unusable, match="partial"):
        adapter.label_values(Server(played.url), "job")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b'"x"', b"{}", b"<html>", b'{"status":"success"}', b'{"status":"success","data":null}',
        b'{"status":"success","data":{"resultType":"vector","result":[]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{}]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":[],"values":[]}]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1]]}]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[60,"many"]]}]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1e999,"1"]]}]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[NaN,"1"]]}]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[60,"1e9999999999999999999"]]}]}}',
        b'{"status":"success","warnings":7,"data":{"resultType":"matrix","result":[]}}',
    ],
)  # fmt: skip
def test_odd_answers_are_unusable_and_nothing_else(played: Scripted, body: bytes) -> None:
    played.answer = lambda asked: Reply(body=body)
    server = Server(played.url)
    for counter in (False, True):
        with pytest.raises((Unusable, OutgoingFailed)):
            adapter.range_query(server, "c", 0, 5, counter=counter)
    with pytest.raises((Unusable, OutgoingFailed)):
        adapter.range_by_label(server, "c", "job", 0, 5)


@pytest.mark.parametrize(
    ("first", "end", "step", "expected"),
    [
        (5, 5, 1, []), (0, 10_000, 1, [(0, 10_000)]), (0, 10_001, 1, [(0, 10_000), (10_000, 10_001)]),
        (3, 100_003, 5, [(3, 50_003), (50_003, 100_003)]),
    ],
)  # fmt: skip
def test_chunks(first: int, end: int, step: int, expected: list[tuple[int, int]]) -> None:
    assert list(adapter.chunks(first, end, step)) == expected
