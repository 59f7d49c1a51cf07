"""A source tried before anything is kept: what the last hour says, and how far back it reaches."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from itsm.setup.trying import try_address, try_prometheus
from slo.engine.samples import epoch_minute
from tests.factories.slo import T0
from tests.itsm.scripted_server import Asked, Reply, Scripted, scripted

END = epoch_minute(T0)
QUERIES = {"good_query": "good", "total_query": "total"}


@pytest.fixture
def played(settings: Any) -> Iterator[Scripted]:
    """A server that plays Prometheus."""
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        yield script


def answering(values: dict[str, int], *, since: int = 0) -> Any:
    """Each query gives its number for every minute that is asked, from a first one on."""

    def answer(asked: Asked) -> Reply:
        said = {
            key: found[0] for key, found in parse_qs(urlsplit(asked.path).query + "&" + asked.body.decode()).items()
        }
        minutes = range(int(float(said["start"])) // 60, int(float(said["end"])) // 60 + 1)
        points = [[minute * 60, str(values.get(said["query"], 0))] for minute in minutes if minute > since]
        series = [{"metric": {}, "values": points}] if points and said["query"] in values else []
        said_back = {"status": "success", "data": {"resultType": "matrix", "result": series}}
        return Reply(body=json.dumps(said_back).encode())

    return answer


def figures(tried: Any) -> dict[str, str]:
    return dict(tried.figures)


@pytest.mark.parametrize(("days", "said"), [(0, "less than a day"), (1, "at least a day"), (8, "at least 7 days")])
def test_the_last_hour_and_how_far_back(days: int, said: str, played: Scripted) -> None:
    played.answer = answering({"good": 9, "total": 10}, since=END - days * 1440 - 90)
    tried = try_prometheus(played.url, QUERIES, T0)
    assert (tried.is_good, tried.share) == (True, Decimal("0.9"))
    assert figures(tried)["All events of the last hour"] == "600"
    assert figures(tried)["It reaches back"] == said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"good": 9}, "nothing for the last hour"),
        ({"total": 10}, "the query of the good ones gives nothing"),
        ({"good": 11, "total": 10}, "do not fit together"),
    ],
)
def test_queries_that_do_not_fit_are_said(values: dict[str, int], said: str, played: Scripted) -> None:
    played.answer = answering(values)
    tried = try_prometheus(played.url, QUERIES, T0)
    assert not tried.is_good
    assert said in tried.sentence


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://x", "http://", "http://u:p@x.example"])
def test_no_address_is_no_address(url: str) -> None:
    assert not try_prometheus(url, QUERIES, T0).is_good
    assert not try_address(url).is_good


def test_a_private_address_is_said_with_the_way_to_allow_it(settings: Any) -> None:
    settings.OUTGOING_ALLOW = []
    for tried in (try_prometheus("http://127.0.0.1:9", QUERIES, T0), try_address("http://127.0.0.1:9/")):
        assert not tried.is_good
        assert "Settings" in tried.sentence
        assert tried.share is None


def test_an_address_is_looked_at_once(played: Scripted) -> None:
    played.answer = lambda asked: Reply(200 if asked.path == "/up" else 503, b"")
    assert try_address(f"{played.url}/up").is_good
    down = try_address(f"{played.url}/down")
    assert (down.is_good, down.share) == (False, Decimal(0))
    assert "503" in down.sentence


def test_a_private_address_is_named_as_what_an_administrator_may_allow(settings: Any) -> None:
    settings.OUTGOING_ALLOW = []
    assert try_prometheus("http://127.0.0.1:9090/", QUERIES, T0).to_allow == "127.0.0.1:9090"
    assert try_address("http://127.0.0.1/health").to_allow == "127.0.0.1:80"
    assert try_address("https://[::1]/health").to_allow == "::1:443"
    settings.OUTGOING_ALLOW = ["127.0.0.1:1"]
    unanswered = try_address("http://127.0.0.1:1/health")
    assert (unanswered.is_good, unanswered.to_allow) == (False, ""), "it is allowed, and does not answer"
