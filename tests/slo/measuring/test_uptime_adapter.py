"""Looking whether something is up: what is good, what is bad and why, and what we do not look at."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from itsm.notifications.credentials import Credentials
from slo.measuring.adapters import uptime
from slo.measuring.adapters.expected_statuses import shown, statuses_of
from slo.measuring.adapters.uptime import HttpCheck, Outcome, TcpCheck, run
from tests.itsm.scripted_server import Reply, Scripted, scripted


@pytest.fixture
def page(settings: Any) -> Iterator[Scripted]:
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        script.answer = lambda asked: Reply(body="All is well, schön".encode())
        yield script


def looked(page: Scripted, reply: Reply | None = None, **check: Any) -> Outcome:
    if reply:
        page.answer = lambda asked: reply
    return run(HttpCheck(f"{page.url}/health?deep=1", **check))


def test_good(page: Scripted) -> None:
    outcome = looked(page, must_contain="schön", most_ms=5000)
    assert (outcome.is_good, outcome.reason, outcome.is_refused) == (True, "", False)
    assert 0 <= outcome.elapsed_ms < 5000
    assert (page.asked[0].method, page.asked[0].path) == ("GET", "/health?deep=1")


def test_head_asks_for_no_body(page: Scripted) -> None:
    assert looked(page, method="HEAD").is_good
    assert page.asked[0].method == "HEAD"


@pytest.mark.parametrize(
    ("status", "expected", "is_good"),
    [
        (200, "200-299", True), (299, "200-299", True), (300, "200-299", False), (304, "200-299,304", True),
        (503, "200-299, 304", False), (401, "401", True), (200, "401", False), (500, "100-599", True),
    ],
)  # fmt: skip
def test_statuses(page: Scripted, status: int, expected: str, is_good: bool) -> None:
    outcome = looked(page, Reply(status), expected_status=expected)
    assert (outcome.is_good, outcome.is_refused) == (is_good, False)
    if not is_good:
        assert str(status) in outcome.reason
        assert shown(statuses_of(expected)) in outcome.reason


def test_redirects_are_answers_and_not_followed(page: Scripted) -> None:
    moved = Reply(302, headers={"Location": f"{page.url}/elsewhere"})
    assert "302" in looked(page, moved).reason
    assert looked(page, moved, expected_status="301-302").is_good
    assert [asked.path for asked in page.asked] == ["/health?deep=1"] * 2


def test_a_text_that_must_be_there(page: Scripted) -> None:
    assert looked(page, must_contain="is well").is_good
    assert looked(page, must_contain="is unwell").reason == "The expected text is not on the page."


def test_a_large_page_is_read_in_part(page: Scripted) -> None:
    page.answer = lambda asked: Reply(body=b"begin" + b"x" * 3_000_000 + b"end")
    assert looked(page, must_contain="begin").is_good
    assert "first 1000000 bytes" in looked(page, must_contain="end").reason


def test_slower_than_agreed_is_bad(page: Scripted) -> None:
    outcome = looked(page, Reply(pieces=[b"a", b"b"], pause=0.2), most_ms=150)
    assert not outcome.is_good
    assert "at most 150 ms" in outcome.reason
    assert outcome.elapsed_ms >= 200


@pytest.mark.parametrize(
    "reply",
    [Reply(pieces=[b"x"] * 40_000, pause=0.05), Reply(head_pause=20, headers={f"X-{n}": "a" for n in range(90)})],
)
def test_a_server_that_drips_is_given_up(page: Scripted, reply: Reply) -> None:
    """Each would drip for half an hour."""
    outcome = looked(page, reply, timeout_s=0.5)
    assert (outcome.is_good, outcome.is_refused) == (False, False)
    assert "too long" in outcome.reason


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "169.254.169.254", "2130706433", "0x7f000001", "127.1", "localhost", "[::ffff:127.0.0.1]",
     "10.0.0.1", "0.0.0.0"],
)  # fmt: skip
def test_what_is_private_is_refused_and_no_outage(page: Scripted, settings: Any, host: str) -> None:
    settings.OUTGOING_ALLOW = []
    for outcome in (run(HttpCheck(f"http://{host}:{page.port}/")), run(TcpCheck(host, page.port))):
        assert (outcome.is_good, outcome.is_refused) == (False, True)
        assert "HEADROOM_OUTGOING_ALLOW" in outcome.reason
    assert page.asked == []


def test_a_name_with_a_private_address_is_refused(page: Scripted, settings: Any, monkeypatch: Any) -> None:
    settings.OUTGOING_ALLOW = []
    found = [(2, 1, 6, "", ("93.184.216.34", page.port)), (2, 1, 6, "", ("127.0.0.1", page.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert run(HttpCheck(f"http://rebind.example:{page.port}/")).is_refused
    assert run(TcpCheck("rebind.example", page.port)).is_refused
    assert page.asked == []


@pytest.mark.parametrize(
    "check",
    [
        HttpCheck("ftp://example.com/"), HttpCheck("http://user:word@example.com/"), HttpCheck("http://[/"),
        HttpCheck("http://example.com/", method="POST"),  # type: ignore[arg-type]
        HttpCheck("http://example.com/", expected_status="ok"), HttpCheck("http://example.com/", expected_status=""),
        HttpCheck("http://example.com/", expected_status="299-200"),
        HttpCheck("http://example.com/", method="HEAD", must_contain="x"),
        HttpCheck("http://example.com/", headers={"Host": "inside"}),
        HttpCheck("http://127.0.0.1:1/", credentials=Credentials("bearer", "x", secret="abc")),
        TcpCheck("example.com", 0), TcpCheck("example.com", 99_999),
    ],
)  # fmt: skip
def test_a_check_that_makes_no_sense_says_nothing_about_the_target(check: HttpCheck | TcpCheck) -> None:
    outcome = run(check)
    assert outcome.is_refused
    assert not outcome.is_good
    assert outcome.reason.endswith((".", "ALLOW."))


class TestPorts:
    def test_one_that_listens(self, page: Scripted) -> None:
        assert run(TcpCheck("127.0.0.1", page.port)).is_good

    def test_one_where_nobody_listens(self, settings: Any) -> None:
        settings.OUTGOING_ALLOW = ["127.0.0.0/8"]
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))  # taken, but not listening
            outcome = run(TcpCheck("127.0.0.1", held.getsockname()[1]))
        assert (outcome.is_good, outcome.is_refused) == (False, False)
        assert "ConnectionRefusedError" in outcome.reason
        assert "our own network" in outcome.reason


@pytest.mark.parametrize("check", [HttpCheck("http://nobody.invalid/"), TcpCheck("nobody.invalid", 80)])
def test_a_name_without_address_may_be_our_own_fault(check: HttpCheck | TcpCheck) -> None:
    outcome = run(check)
    assert (outcome.is_good, outcome.is_refused) == (False, False)
    assert "nobody.invalid has no address" in outcome.reason
    assert "our own network" in outcome.reason


def test_nonsense_from_the_other_side_is_an_outage(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{port}"]
        outcome = run(HttpCheck(f"https://127.0.0.1:{port}/", timeout_s=0.3))
    assert (outcome.is_good, outcome.is_refused) == (False, False)
    assert "too long" in outcome.reason


@pytest.mark.parametrize("text", ["200", "200-299,304", " 200 - 204 , 301", "100-599"])
def test_statuses_are_understood(text: str) -> None:
    assert statuses_of(shown(statuses_of(text))) == statuses_of(text)


@pytest.mark.parametrize(
    "text", ["", ",", "2xx", "200-", "99", "600", "200;300", "200--299", "٢٠٠", "200," * 30 + "200"]
)
def test_statuses_are_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="200-299"):
        statuses_of(text)


def test_the_bound_is_a_megabyte() -> None:
    assert uptime.MAX_BYTES == 1_000_000
