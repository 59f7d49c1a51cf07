"""The one way out: nothing inside is reached unless an administrator listed it."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from types import SimpleNamespace

import pytest
from django.core.mail.utils import DNS_NAME

from itsm.directory import talk
from itsm.directory.configured import Directory
from itsm.directory.line import DirectoryFailed
from itsm.files import scanning
from itsm.files.vocabulary import State
from itsm.mail import imap
from itsm.notifications import addresses, mail, outgoing, resolving
from itsm.notifications.credentials import NOBODY
from itsm.notifications.outgoing import OurFault, OutgoingFailed, OutgoingRefused


class Listener:
    """An HTTP server on the loopback that counts who came, and answers what it was told to."""

    def __init__(self) -> None:
        self.came, self.pieces, self.pause = [], [b'{"ok": true}'], 0.0
        self.status = b"200 OK"
        self.headers = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.came.append(connection.recv(65_536))
                try:
                    connection.sendall(
                        b"HTTP/1.1 " + self.status + b"\r\nConnection: close\r\n" + self.headers + b"\r\n"
                    )
                    for piece in self.pieces:
                        connection.sendall(piece)
                        self._over.wait(self.pause)
                except OSError:
                    continue

    def close(self) -> None:
        self._over.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def inside() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "127.255.255.254", "2130706433", "0x7f000001",
    "0x7f.0.0.1", "0x7f.1",
    "017700000001", "0177.0.0.1", "0177.0.0.01", "127.0.0.1.", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[fc00::1]", "[fd00::1]",
    "[ff02::1]", "[100::1]",
    "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "10.0.0.1", "10.255.255.255", "172.16.0.1",
    "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1",
    "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "①②⑦.⓪.⓪.①", "127。0。0。1",
    "１２７.0.0.1", "127.0.0.1%00.example.com", "example.com@127.0.0.1", "127.0.0.1@example.com",
    "user:word@localhost", "a" * 64,
    "", ".", "..", "[", "[::1", "-", "127.0.0.1\\@example.com", "127.0.0.1#@example.com", "127.0.0.1?@example.com",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_inside_is_reached(inside: Listener, host: str) -> None:
    with pytest.raises((OutgoingRefused, OutgoingFailed)):
        outgoing.get_json(f"http://{host}:{inside.port}/metrics", timeout=1)
    assert inside.came == []


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:1/_x", "//127.0.0.1/", "127.0.0.1",
    "", "http://", "http:/127.0.0.1",
     "javascript:1", "data:,x", "unix:///run/x", "http://127.0.0.1:99999/", "http://127.0.0.1:x/",
     "http://[/", "HTTP://127.0.0.1/"],
)  # fmt: skip
def test_what_is_no_http_address_is_refused(url: str) -> None:
    with pytest.raises((OutgoingRefused, OutgoingFailed)):
        outgoing.request("GET", url, timeout=1)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:0:7f00:1", "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
     "2002:7f00:1::", "2001:0:7f00:1::", "fec0::1", "fe80::1", "fd00::1", "192.88.99.1", "192.0.0.8",
     "224.0.0.1", "ff02::1",
     "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "2001:db8::1"],
)  # fmt: skip
def test_inner_addresses_are_refused_by_rule_and_not_by_chance(address: str) -> None:
    with pytest.raises(OutgoingRefused):
        outgoing.permitted_address(address, 80)


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111"])
def test_the_outer_world_may_be_reached(address: str) -> None:
    assert outgoing.permitted_address(address, 80) == address


def test_every_address_of_a_name_is_judged(inside: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(OutgoingRefused):
        outgoing.permitted_address("two.example", 80)


def test_a_name_that_is_rebound_is_asked_once(inside: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    asked, connected = [], []

    def resolve(host: str, port: int, *_: object, **__: object) -> list:
        if host[0].isdigit():  # the judged address is looked up: it stays what it is
            connected.append(host)
            raise OSError("no route in this test")
        asked.append(host)
        return [(2, 1, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(OutgoingFailed):
        outgoing.get_json(f"http://rebind.example:{inside.port}/", timeout=1)
    assert (asked, connected, inside.came) == (["rebind.example"], ["93.184.216.34"], [])


class TestANameServerThatNeverAnswers:
    @pytest.fixture
    def hangs(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
        """A resolver that answers once the test is over. What it was asked for; "answered" should nobody end the wait."""
        asked, over = [], threading.Event()
        real = socket.getaddrinfo

        def resolve(host: str, port: int, *args: object, **kwargs: object) -> object:
            if not host.endswith(".example"):
                return real(host, port, *args, **kwargs)
            asked.append(host)
            if not over.wait(10):
                asked.append("answered")
            return [(2, 1, 6, "", ("93.184.216.34", port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        monkeypatch.setattr(resolving, "_room", resolving.Room(4))  # two of them for whom it does not know
        yield asked
        over.set()

    @pytest.mark.parametrize(
        "goes_out",
        [
            lambda: outgoing.fetch("GET", "https://slow.example/", timeout=0.05),
            lambda: outgoing.fetch("GET", "https://slow.example/", timeout=0.05, only_named=True),
            lambda: outgoing.connect_tcp("slow.example", 443, timeout=0.05),
            lambda: addresses.permitted_addresses("slow.example", 443, within=0.05),
        ],
    )
    def test_is_waited_for_no_longer_than_was_said(self, hangs: list[str], goes_out: Callable[[], object]) -> None:
        with pytest.raises(OurFault, match=r"look-up of slow\.example takes too long"):
            goes_out()
        assert "answered" not in hangs

    @pytest.mark.parametrize(
        "goes_out",
        [
            lambda deadline: imap.signed_in("slow.example", 993, "ada", NOBODY, deadline=deadline),
            lambda deadline: talk.reading(Directory("slow.example", 636, "dc=example"), deadline=deadline),
        ],
    )
    def test_is_waited_for_no_longer_than_a_talk_may_take(
        self, goes_out: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waited = []

        class Full(resolving.Room):
            def enter(self, host: str, patience: float, **_: bool) -> bool:
                waited.append(patience)
                return False

        monkeypatch.setattr(resolving, "_room", Full())
        with pytest.raises((OurFault, DirectoryFailed), match=r"look-up of slow\.example takes too long"):
            goes_out(time.monotonic() + 4).__enter__()
        assert max(waited) <= 4

    def test_holds_up_no_mail_and_no_scanner(
        self, hangs: list[str], monkeypatch: pytest.MonkeyPatch, settings, tmp_path: Path, caplog
    ) -> None:
        monkeypatch.setattr(resolving, "LOOK_UP_SECONDS", 0.05)
        settings.EMAIL_HOST = "slow.example"
        with pytest.raises(TimeoutError, match=r"look-up of slow\.example takes too long"):
            mail.AsConfigured().open()
        (tmp_path / "sent").write_bytes(b"x")
        assert scanning.verdict("clamd:slow.example:3310", tmp_path / "sent") == State.WAITING
        assert "TimeoutError" in caplog.text
        assert "answered" not in hangs

    def test_that_knows_not_what_we_are_called_holds_up_no_mail(
        self, hangs: list[str], monkeypatch: pytest.MonkeyPatch, settings
    ) -> None:
        greeted = []

        class Server:
            def __init__(self, host: str, port: int, *, local_hostname: str, **_: object) -> None:
                greeted.append(local_hostname)

        monkeypatch.setattr(resolving, "LOOK_UP_SECONDS", 0.05)
        monkeypatch.setattr(socket, "gethostname", lambda: "desk-1")
        monkeypatch.setattr(socket, "getfqdn", lambda: socket.getaddrinfo("desk.example", 0) and "desk.example")
        monkeypatch.setattr(mail.AsConfigured, "connection_class", Server)
        monkeypatch.setattr(DNS_NAME, "_fqdn", "", raising=False)  # put back as it was
        del DNS_NAME._fqdn
        settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER = "127.0.0.1", False, ""
        mail._find_our_name.cache_clear()
        assert mail.AsConfigured().open()
        assert (hangs, greeted) == (["desk.example"], ["desk-1"])

    def test_whoever_says_nothing_waits_for_the_usual_seconds(
        self, hangs: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(resolving, "LOOK_UP_SECONDS", 0.05)
        with pytest.raises(OurFault):
            addresses.permitted_addresses("slow.example", 443)
        assert "answered" not in hangs

    def test_holds_so_many_threads_and_no_look_up_of_an_address(self, hangs: list[str]) -> None:
        for name in ("one.example", "two.example", "three.example"):
            with pytest.raises(OurFault):
                addresses.permitted_addresses(name, 443, within=0.05)
        assert not {"three.example", "answered"} & {*hangs}
        assert addresses.permitted_addresses("1.1.1.1", 443) == ["1.1.1.1"]

    @pytest.mark.parametrize("slow", ["slow.example", "{0}.slow.example"])
    def test_takes_the_room_of_none_but_itself(
        self, slow: str, hangs: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(resolving, "_room", resolving.Room())
        for number in range(resolving.MOST_AT_ONCE + 1):
            with pytest.raises(OurFault):
                addresses.permitted_addresses(slow.format(number), 443, within=0)
        assert len(hangs) < resolving.MOST_AT_ONCE
        assert resolving.addresses_of("localhost", 443)

    def test_of_many_domains_takes_no_room_of_those_that_answer(
        self, hangs: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(resolving, "_room", resolving.Room())
        assert resolving.addresses_of("localhost", 443)
        for number in range(resolving.MOST_AT_ONCE):
            with pytest.raises(OurFault):
                addresses.permitted_addresses(f"www.slow-{number}.example", 443, within=0)
        assert resolving.addresses_of("localhost", 443, within=resolving.LOOK_UP_SECONDS)
        assert "answered" not in hangs

    def test_of_many_domains_leaves_room_for_one_that_nobody_asked_for_before(self) -> None:
        room = resolving.Room(8)
        for number in range(8):
            assert room.enter(f"slow-{number}.example", 0)
            room.late(f"slow-{number}.example")
            room.leave(f"slow-{number}.example", in_time=False)
        came = [room.enter(f"slow-{number}.example", 0) for number in range(8)]
        assert came == [True] * 2 + [False] * 6
        came = [room.enter(f"new-{number}.example", 0) for number in range(8)]
        assert came == [True] * 2 + [False] * 6

    def test_is_trusted_again_once_it_answers_in_time(self) -> None:
        room = resolving.Room(4)
        for host, in_time in (("a.example", False), ("c.example", False), ("b.example", False), ("b.example", True)):
            assert room.enter(host, 0)
            room.leave(host, in_time=in_time)
        came = [room.enter(host, 0) for host in ("a.example", "c.example", "b.example", "B.example.")]
        assert came == [True, False, True, True]

    @pytest.mark.parametrize("beside", ["smtp.example.com", "db.prod.svc.cluster.local", "www.bank.co.uk"])
    def test_says_nothing_of_the_names_beside_it(self, beside: str) -> None:
        room = resolving.Room(8)
        for slow in (f"slow.{beside.split('.', 1)[1]}", "x.slow.example"):  # the share of the late is full
            assert room.enter(slow, 0)
            room.late(slow)
        assert not room.enter("x.slow.example", 0)
        assert room.enter(beside, 0)

    def test_holds_up_no_server_that_the_operator_named(self) -> None:
        room = resolving.Room(8, of_a_domain=2)
        assert all(room.enter(name, 0) for name in ("a.acme.example", "b.acme.example", "x.example", "y.example"))
        assert not room.enter("z.example", 0), "half of it is for those that nobody knows"
        room.late("a.acme.example")
        came = [room.enter("smtp.acme.example", 0, named=named) for named in (False, True)]
        assert came == [False, True]
        room.late("smtp.acme.example")
        assert room.enter("smtp.acme.example", 0, named=True), "it goes on being asked for"

    def test_takes_no_more_room_of_those_that_answer_than_its_share_once_it_hangs(self) -> None:
        room = resolving.Room(8)
        proven = [f"proven-{number}.example" for number in range(17)]
        for name in proven:
            assert room.enter(name, 0)
            room.leave(name, in_time=True)
        assert [room.enter(name, 0) for name in proven[:9]] == [True] * 8 + [False]
        for name in proven[:8]:
            room.late(name)
        assert [room.enter(name, 0) for name in proven[8:15]] == [True] * 6 + [False], "two are for what hangs"
        assert not room.enter("new.example", 0)
        for hangs in proven[8:14]:
            room.late(hangs)
        assert not room.enter(proven[14], 0), "the last threads, of twice as many, are for servers of the desk"
        assert [room.enter(f"mail-{number}.desk.example", 0, named=True) for number in range(3)] == [True, True, False]

    def test_wakes_who_waits_for_its_room_once_it_is_late(self) -> None:
        class Asleep(threading.Condition):
            def wait(self, timeout: float | None = None) -> bool:
                asleep.set()
                return super().wait(timeout)

        room, asleep, came = resolving.Room(2), threading.Event(), []
        room._freed = Asleep()
        for name in ("a.example", "b.example", "c.example"):
            assert room.enter(name, 0)
            room.leave(name, in_time=True)
        assert room.enter("a.example", 0)
        assert room.enter("b.example", 0)
        waiting = threading.Thread(target=lambda: came.append(room.enter("c.example", 20)), daemon=True)
        waiting.start()
        assert asleep.wait(10)
        room.late("a.example")
        room.late("b.example")
        waiting.join(10)
        assert came == [True]

    def test_is_not_said_of_what_answered_in_the_same_instant(self) -> None:
        room = resolving.Room(8)
        for name in ("a.example", "b.example", "c.example"):
            assert room.enter(name, 0)
            room.leave(name, in_time=True)
            room.late(name)
        assert all(room.enter(name, 0) for name in ("a.example", "b.example", "c.example"))

    def test_of_old_is_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resolving, "MOST_REMEMBERED", 3)
        room = resolving.Room(4)
        for host, in_time in (
            ("quick.example", True),
            ("a.example", False),
            ("b.example", False),
            ("c.example", False),
        ):
            assert room.enter(host, 0)
            room.leave(host, in_time=in_time)
        assert [room.enter(host, 0) for host in ("b.example", "c.example", "a.example")] == [True, False, True]
        assert [room.enter(host, 0) for host in ("new.example", "quick.example")] == [False, True]

    def test_waits_for_a_place_and_for_the_answer_within_the_same_seconds(
        self, hangs: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now, waited = [100.0], []

        class Full(resolving.Room):
            def enter(self, host: str, patience: float, **_: bool) -> bool:
                waited.append(patience)
                now[0] += 0.75  # then somebody left
                return True

        class Unanswered:
            def get(self, *, timeout: float) -> None:
                waited.append(timeout)
                raise Empty

        monkeypatch.setattr(resolving, "_room", Full())
        monkeypatch.setattr(resolving, "SimpleQueue", Unanswered)
        monkeypatch.setattr(resolving, "time", SimpleNamespace(monotonic=lambda: now[0]))
        monkeypatch.setattr(threading.Thread, "start", lambda thread: None)
        with pytest.raises(OurFault, match="takes too long"):
            addresses.permitted_addresses("slow.example", 443, within=1.0)
        assert waited == [1.0, 0.25]

    def test_gives_its_room_back_where_no_thread_can_begin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(thread: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        room = resolving.Room(1)
        monkeypatch.setattr(resolving, "_room", room)
        monkeypatch.setattr(threading.Thread, "start", full)
        with pytest.raises(OurFault, match=r"look-up of quick\.example failed \(can't start new thread\)"):
            addresses.permitted_addresses("quick.example", 443)
        assert room.enter("quick.example", 0)

    def test_gives_its_room_back_once_it_has_answered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resolving, "_room", resolving.Room(1))
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: [(2, 1, 6, "", ("93.184.216.34", port))])
        for _ in range(3):
            assert addresses.permitted_addresses("quick.example", 443) == ["93.184.216.34"]


class TestWhatIsListed:
    @pytest.fixture(autouse=True)
    def allowed(self, inside: Listener, settings) -> None:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{inside.port}"]

    def get(self, inside: Listener, path: str = "/x", **options: object) -> object:
        return outgoing.get_json(f"http://127.0.0.1:{inside.port}{path}", **options)

    def test_it_is_reached(self, inside: Listener) -> None:
        assert self.get(inside, params={"query": 'up{job="a b"}&x=1'}) == {"ok": True}
        assert inside.came[0].startswith(b"GET /x?query=up%7Bjob%3D%22a+b%22%7D%26x%3D1 HTTP/1.1\r\n")
        assert f"Host: 127.0.0.1:{inside.port}".encode() in inside.came[0]

    def test_another_spelling_or_port_is_not(self, inside: Listener, settings) -> None:
        settings.OUTGOING_ALLOW = ["127.0.0.1:1", "10.0.0.0/8", "other:80"]
        with pytest.raises(OutgoingRefused):
            self.get(inside)
        assert inside.came == []

    def test_a_network_may_be_listed(self, inside: Listener, settings) -> None:
        settings.OUTGOING_ALLOW = ["127.0.0.0/8"]
        assert self.get(inside) == {"ok": True}

    def test_redirects_are_not_followed(self, inside: Listener) -> None:
        inside.status = b"302 Found"
        inside.headers = f"Location: http://127.0.0.1:{inside.port}/secret\r\n".encode()
        with pytest.raises(OutgoingFailed, match="302"):
            self.get(inside)
        assert len(inside.came) == 1

    def test_proxies_of_the_environment_are_not_asked(self, inside: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        assert self.get(inside) == {"ok": True}

    def test_an_endless_answer_is_cut(self, inside: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outgoing, "MAX_BYTES", 1000)
        inside.pieces = [b"x" * 100] * 1000
        with pytest.raises(OutgoingFailed, match="larger"):
            self.get(inside)

    def test_an_answer_that_drips_is_given_up(self, inside: Listener) -> None:
        inside.pieces, inside.pause = [b" "] * 40_000, 0.05
        with pytest.raises(OutgoingFailed, match="too long"):
            self.get(inside, timeout=0.3)

    def test_nothing_is_unpacked(self, inside: Listener) -> None:
        inside.headers, inside.pieces = b"Content-Encoding: gzip\r\n", [gzip.compress(b'{"ok": true}')]
        with pytest.raises(OutgoingFailed, match="not JSON"):
            self.get(inside)

    @pytest.mark.parametrize("answer", [b"", b"<html>", b"[" * 100_000, b"\xff\xfe", b"NaN,"])
    def test_what_is_not_json_is_a_failure_of_theirs(self, inside: Listener, answer: bytes) -> None:
        inside.pieces = [answer]
        with pytest.raises(OutgoingFailed):
            self.get(inside)

    @pytest.mark.parametrize("path", ["/a b", "/é", "/\r\nX: 1", "/%0d%0a", "/" + "x" * 70_000, "/../x", "?x"])
    def test_odd_paths_smuggle_nothing(self, inside: Listener, path: str) -> None:
        try:
            self.get(inside, path)
        except (OutgoingFailed, OutgoingRefused):
            return
        assert b"\r\nX: 1" not in inside.came[0]
