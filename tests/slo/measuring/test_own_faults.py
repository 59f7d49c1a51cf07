"""What is ours to mend is no outage of theirs; hosts of any alphabet are asked for by the name that resolvers know."""

import errno
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from itsm.kernel.errors import InvalidInput
from itsm.notifications import addresses, outgoing
from itsm.notifications.hosts import ascii_host
from itsm.notifications.outgoing import OurFault, OutgoingRefused
from slo.measuring import operations
from slo.measuring.adapters.uptime import HttpCheck, TcpCheck, run
from slo.measuring.operations.checks import run_checks
from slo.models import DataSource, HourCounts, Indicator
from tests.factories.slo import MEASURER, T0, an_indicator
from tests.itsm.scripted_server import Authority, Scripted, an_authority, scripted


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return an_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Authority, settings: Any, tmp_path: Path) -> Iterator[Scripted]:
    settings.SECRETS_DIR = str(tmp_path)
    with scripted(authority.server_context()) as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        yield server


def resolver(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[str]:
    """What our resolver says from now on, an error or an address; returns whom it is asked about."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        if isinstance(answer, BaseException):
            raise answer
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_private_authority_that_nobody_named_is_our_fault(secure: Scripted) -> None:
    outcome = run(HttpCheck(secure.url))
    assert (outcome.is_good, outcome.is_refused) == (False, True)
    assert "HEADROOM_CA_BUNDLE" in outcome.reason
    with pytest.raises(OurFault):
        outgoing.get_json(secure.url)


def test_it_is_named_for_one_check_or_for_all(
    secure: Scripted, authority: Authority, settings: Any, tmp_path: Path
) -> None:
    shutil.copy(authority.folder / "ca.pem", tmp_path / "company.ca")
    assert run(HttpCheck(secure.url, authority="company")).is_good
    assert run(HttpCheck(secure.url)).is_refused
    settings.CA_BUNDLE = str(tmp_path / "company.ca")
    assert run(HttpCheck(secure.url)).is_good


@pytest.mark.parametrize("content", [None, "no certificate at all"])
def test_a_file_of_authorities_that_cannot_be_used_is_our_fault(
    secure: Scripted, settings: Any, tmp_path: Path, content: str | None
) -> None:
    if content:
        (tmp_path / "company.ca").write_text(content)
    outcome = run(HttpCheck(secure.url, authority="company"))
    assert (outcome.is_good, outcome.is_refused) == (False, True)
    assert "company.ca" in outcome.reason
    settings.CA_BUNDLE = str(tmp_path / "company.ca")
    outcome = run(HttpCheck(secure.url))
    assert (outcome.is_refused, "HEADROOM_CA_BUNDLE" in outcome.reason) == (True, True)


def test_a_certificate_for_another_name_is_theirs(authority: Authority, settings: Any, tmp_path: Path) -> None:
    settings.SECRETS_DIR = str(tmp_path)
    shutil.copy(authority.folder / "ca.pem", tmp_path / "company.ca")
    with scripted(authority.server_context(alternative="DNS:other.example")) as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        outcome = run(HttpCheck(server.url, authority="company"))
    assert (outcome.is_good, outcome.is_refused) == (False, False)
    assert "not trusted" in outcome.reason


@pytest.mark.parametrize("check", [HttpCheck("http://shop.example/"), TcpCheck("shop.example", 80)])
@pytest.mark.parametrize(
    ("code", "is_ours"),
    [(socket.EAI_AGAIN, True), (socket.EAI_FAIL, True), (socket.EAI_SYSTEM, True), (socket.EAI_NONAME, False)],
)
def test_a_resolver_that_fails_is_ours_and_a_name_that_is_not_there_is_not(
    monkeypatch: pytest.MonkeyPatch, check: HttpCheck | TcpCheck, code: int, is_ours: bool
) -> None:
    resolver(monkeypatch, socket.gaierror(code, "it says"))
    outcome = run(check)
    assert (outcome.is_good, outcome.is_refused) == (False, is_ours)
    assert "shop.example" in outcome.reason


@pytest.mark.parametrize(
    ("number", "is_ours"),
    [(errno.EMFILE, True), (errno.ENETUNREACH, True), (errno.ECONNREFUSED, False), (errno.EHOSTUNREACH, False)],
)
def test_what_never_left_this_machine_is_ours(monkeypatch: pytest.MonkeyPatch, number: int, is_ours: bool) -> None:
    resolver(monkeypatch, "93.184.216.34")

    def create_connection(*args: Any, **kwargs: Any) -> Any:
        raise OSError(number, "no")

    monkeypatch.setattr(socket, "create_connection", create_connection)
    assert run(TcpCheck("shop.example", 80)).is_refused is is_ours


@pytest.mark.django_db
def test_our_own_fault_makes_no_sample_and_is_an_error_of_the_check(secure: Scripted) -> None:
    an_indicator(source="uptime", check={"way": "http", "url": secure.url, "authority": "company"})
    assert run_checks(actor=MEASURER, at=T0) == 0
    assert not HourCounts.objects.exists()
    made = Indicator.objects.get()
    assert "company.ca" in made.last_error
    assert made.failing_since == T0


@pytest.mark.django_db
def test_a_source_trusts_the_authority_that_it_names(secure: Scripted, authority: Authority, tmp_path: Path) -> None:
    secure.answer = lambda asked: outgoing_answer()
    source = operations.create_source(actor=MEASURER, slug="inside", url=secure.url, authority="company")
    an_indicator(source="prometheus", data_source=source, good_query="a", total_query="b")
    operations.pull_source(source, actor=MEASURER, at=T0)
    assert "company.ca" in DataSource.objects.get().last_error
    shutil.copy(authority.folder / "ca.pem", tmp_path / "company.ca")
    operations.pull_source(source, actor=MEASURER, at=T0)
    source.refresh_from_db()
    assert (source.last_error, source.last_ok_at) == ("", T0)


def outgoing_answer() -> Any:
    from tests.itsm.scripted_server import Reply

    return Reply(body=b'{"status":"success","data":{"resultType":"matrix","result":[]}}')


@pytest.mark.parametrize(
    ("host", "ascii_name"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("straße.example", "xn--strae-oqa.example"),
        ("ｅｘａｍｐｌｅ．com", "example.com"),
        ("Shop.example", "shop.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("１２７.0.0.1", "127.0.0.1"),
    ],
)
def test_hosts_in_any_alphabet(host: str, ascii_name: str) -> None:
    assert ascii_host(host) == ascii_name


@pytest.mark.parametrize(
    "host", ["ü..example", "ü/x", "℀.example", "ü x.example", "ü" * 70 + ".example", "ü@x", "ü:80"]
)
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the host itself
        ascii_host(host)


@pytest.mark.parametrize("host", ["bücher.example", "例え.テスト"])
def test_the_guard_and_the_other_side_see_the_name_in_ascii(
    monkeypatch: pytest.MonkeyPatch, settings: Any, host: str
) -> None:
    with scripted() as server:
        asked = resolver(monkeypatch, "127.0.0.1")
        refused = run(HttpCheck(f"http://{host}:{server.port}/grüße?q=ü"))
        assert refused.is_refused, "a private address that nobody listed"
        settings.OUTGOING_ALLOW = [f"{host}:{server.port}"]
        assert run(HttpCheck(f"http://{host}:{server.port}/grüße?q=ü")).is_good
        assert run(TcpCheck(host, server.port)).is_good
        assert set(asked) - {"127.0.0.1"} == {ascii_host(host)}
        assert server.asked[0].headers["Host"] == f"{ascii_host(host)}:{server.port}"
        settings.OUTGOING_ALLOW = [f"{ascii_host(host)}:{server.port}"]
        assert run(HttpCheck(f"http://{host}:{server.port}/")).is_good


def test_a_full_width_loopback_is_still_refused() -> None:
    with pytest.raises(OutgoingRefused):
        outgoing.fetch("GET", "http://１２７.0.0.1/")
    assert addresses.ascii_host("１２７.0.0.1") == "127.0.0.1"


@pytest.mark.django_db
def test_addresses_of_sources_keep_parameters_and_have_no_fragment() -> None:
    made = operations.create_source(actor=MEASURER, slug="a", url="https://thanos.example/x/?dedup=true&a=%20")
    assert made.url == "https://thanos.example/x?dedup=true&a=%20"
    found = an_indicator(
        source="prometheus", server_url="https://thanos.example/x/?dedup=true&a=%20", good_query="a", total_query="b"
    )
    assert found.data_source == made
    for url, word in (
        ("https://thanos.example/#x", "#"), ("https://thanos.example/#", "#"),
        ("https://thanos.example/?query=up", "query"), ("https://thanos.example/?match%5B%5D=up", "match"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as caught:
            operations.create_source(actor=MEASURER, slug="b", url=url)
        assert word in str(caught.value.errors["url"][0])
    operations.create_source(actor=MEASURER, slug="umlaut", url="https://bücher.example/prometheus")
