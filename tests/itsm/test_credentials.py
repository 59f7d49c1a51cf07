"""Secrets of other systems: where they come from, over what they travel, and that nothing ever repeats them."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from itsm.notifications import outgoing
from itsm.notifications.credentials import NOBODY, CredentialMissing, Credentials, credentials_of
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused, TooSlow, Unreachable
from tests.itsm.scripted_server import Authority, Reply, Scripted, an_authority, scripted

SECRET = "s3cret-Token+of/Nobody=="


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.SECRETS_DIR = str(tmp_path / "secrets")
    (tmp_path / "secrets").mkdir()
    return tmp_path / "secrets"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return an_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def plain(settings) -> Iterator[Scripted]:
    with scripted() as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        yield server


@pytest.fixture
def secure(settings, authority: Authority) -> Iterator[Scripted]:
    with scripted(authority.server_context()) as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        yield server


def reaches_globally(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """The guard lets 127.0.0.1 pass as if it were out there: privacy is judged as for the open internet."""
    monkeypatch.setattr(outgoing, "permitted_addresses", lambda host, port, **_said: list(addresses) or ["127.0.0.1"])


class TestWhereTheyComeFrom:
    def test_a_file_is_read_at_each_use(self, folder: Path) -> None:
        (folder / "thanos").write_text(f"  {SECRET}\n")
        assert credentials_of("bearer", "thanos").authorization == {"Authorization": f"Bearer {SECRET}"}
        (folder / "thanos").write_text("another")
        assert credentials_of("bearer", "thanos").authorization == {"Authorization": "Bearer another"}

    def test_the_environment_stands_in(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HEADROOM_SECRET_THANOS_EU", SECRET)
        found = credentials_of("basic", "thanos-eu", "reader").authorization["Authorization"]
        assert base64.b64decode(found.removeprefix("Basic ")).decode() == f"reader:{SECRET}"

    def test_without_a_folder_the_environment_alone_counts(self, settings, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.SECRETS_DIR = ""
        monkeypatch.setenv("HEADROOM_SECRET_X", SECRET)
        assert credentials_of("bearer", "x").secret == SECRET
        with pytest.raises(CredentialMissing):
            credentials_of("mtls", "x")

    @pytest.mark.parametrize("name", ["key", "key-file", "x-file"])
    def test_our_own_secrets_are_nobodys_credential(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv("HEADROOM_SECRET_KEY", SECRET)
        monkeypatch.setenv("HEADROOM_SECRET_KEY_FILE", "/run/secrets/secret_key")
        monkeypatch.setenv("HEADROOM_SECRET_X_FILE", "/run/secrets/x")
        with pytest.raises(CredentialMissing):
            credentials_of("bearer", name)

    @pytest.mark.parametrize(
        "name",
        ["", "../secrets/thanos", "/etc/passwd", "Thanos", "a/b", "a.b", "thanos\n", "x" * 64, "..", "ä", "a_b", "a b"],
    )
    def test_a_name_is_no_path(self, folder: Path, name: str) -> None:
        (folder / "thanos").write_text(SECRET)
        with pytest.raises(CredentialMissing, match="small letters"):
            credentials_of("bearer", name)

    def test_what_is_missing_is_named_with_where_it_was_looked_for(self, folder: Path) -> None:
        with pytest.raises(CredentialMissing, match=r"“thanos-eu”.*HEADROOM_SECRETS_DIR.*HEADROOM_SECRET_THANOS_EU"):
            credentials_of("bearer", "thanos-eu")
        (folder / "thanos-eu.crt").write_text("")
        with pytest.raises(CredentialMissing, match=r"thanos-eu\.key"):
            credentials_of("mtls", "thanos-eu")

    @pytest.mark.parametrize("content", [b"", b" \n", b"two\nlines", b"a b", b"\xff\xfe", "ä".encode(), b"x" * 20_000])
    def test_what_cannot_be_sent_is_refused_unseen(self, folder: Path, content: bytes) -> None:
        (folder / "thanos").write_bytes(content)
        with pytest.raises(CredentialMissing) as caught:
            credentials_of("bearer", "thanos")
        assert "lines" not in str(caught.value)
        assert caught.value.__cause__ is None

    @pytest.mark.parametrize("username", ["", "a:b", "a\r\nb"])
    def test_a_user_name_has_no_colon(self, folder: Path, username: str) -> None:
        (folder / "thanos").write_text(SECRET)
        with pytest.raises(CredentialMissing, match="user name"):
            credentials_of("basic", "thanos", username)

    def test_nobody_signs_in_with_nothing(self) -> None:
        assert credentials_of("none") is NOBODY
        assert NOBODY.authorization == {}


def test_it_shows_its_name_only(folder: Path) -> None:
    (folder / "thanos").write_text(SECRET)
    found = credentials_of("basic", "thanos", "reader")
    assert SECRET not in f"{found} {found!r} {[found]} {vars(found) and ''}"
    assert repr(found) == "Credentials(auth='basic', name='thanos')"


class TestOverWhatTheyTravel:
    token = Credentials("bearer", "thanos", secret=SECRET)

    def test_over_https_with_a_private_authority(self, folder: Path, authority: Authority, secure: Scripted) -> None:
        (folder / "thanos").write_text(SECRET)
        shutil.copy(authority.folder / "ca.pem", folder / "thanos.ca")
        assert outgoing.get_json(f"{secure.url}/x", credentials=credentials_of("bearer", "thanos")) == {}
        assert secure.asked[0].headers["Authorization"] == f"Bearer {SECRET}"

    def test_an_unknown_authority_gets_nothing(self, secure: Scripted) -> None:
        with pytest.raises(OutgoingFailed, match="authority that is not known here"):
            outgoing.get_json(secure.url, credentials=self.token)
        assert secure.asked == []

    def test_the_name_is_checked_although_an_address_is_dialled(
        self, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reaches_globally(monkeypatch)
        known = Credentials("bearer", "x", secret=SECRET, authority=authority.folder / "ca.pem")
        with scripted(authority.server_context(alternative="DNS:metrics.example")) as server:
            assert outgoing.get_json(f"https://metrics.example:{server.port}/", credentials=known) == {}
            assert server.asked[0].headers["Host"] == f"metrics.example:{server.port}"
            for other in ("other.example", "127.0.0.1"):
                with pytest.raises(OutgoingFailed, match="not trusted"):
                    outgoing.get_json(f"https://{other}:{server.port}/", credentials=known)
            assert len(server.asked) == 1

    def test_in_the_clear_only_to_what_is_listed(self, plain: Scripted, settings, monkeypatch) -> None:
        assert outgoing.get_json(plain.url, credentials=self.token) == {}
        assert plain.asked[0].headers["Authorization"] == f"Bearer {SECRET}"
        reaches_globally(monkeypatch)
        settings.OUTGOING_ALLOW = []
        with pytest.raises(OutgoingRefused, match="in the clear"):
            outgoing.get_json(plain.url, credentials=self.token)
        settings.OUTGOING_ALLOW = ["127.0.0.0/8"]
        reaches_globally(monkeypatch, "127.0.0.1", "93.184.216.34")
        with pytest.raises(OutgoingRefused, match="in the clear"):
            outgoing.get_json(plain.url, credentials=self.token)
        assert len(plain.asked) == 1

    def test_what_signs_in_the_body_goes_in_the_clear_as_little(self, plain: Scripted, settings, monkeypatch) -> None:
        reaches_globally(monkeypatch)
        settings.OUTGOING_ALLOW = []
        with pytest.raises(OutgoingRefused, match="in the clear"):
            outgoing.get_json(plain.url, credentials=Credentials(name="acme", signs=True))
        assert plain.asked == []

    def test_a_client_certificate_is_shown(self, folder: Path, authority: Authority, settings) -> None:
        certificate, key = authority.sign("headroom", "DNS:headroom")
        for source, end in ((certificate, "crt"), (key, "key"), (authority.folder / "ca.pem", "ca")):
            shutil.copy(source, folder / f"mimir.{end}")
        with scripted(authority.server_context(wants_certificate=True)) as server:
            settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
            assert outgoing.get_json(server.url, credentials=credentials_of("mtls", "mimir")) == {}
            assert server.asked[0].client == "headroom"
            without = Credentials("bearer", "x", secret=SECRET, authority=authority.folder / "ca.pem")
            with pytest.raises(OutgoingFailed):
                outgoing.get_json(server.url, credentials=without)
            with pytest.raises(OutgoingRefused, match="https"):
                outgoing.get_json(f"http://127.0.0.1:{server.port}", credentials=credentials_of("mtls", "mimir"))
            assert len(server.asked) == 1

    def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(
        self, folder: Path, authority: Authority, secure: Scripted
    ) -> None:
        certificate, key = authority.sign("locked", "DNS:locked")
        shutil.copy(certificate, folder / "locked.crt")
        subprocess.run(
            ["openssl", "ec", "-in", key, "-aes128", "-passout", "pass:word", "-out", folder / "locked.key"],
            check=True, capture_output=True,
        )  # fmt: skip
        with pytest.raises(CredentialMissing, match=r"locked\.crt, locked\.key.* cannot be used"):
            outgoing.get_json(secure.url, credentials=credentials_of("mtls", "locked"))

    def test_redirects_do_not_carry_them_away(self, plain: Scripted) -> None:
        plain.answer = lambda asked: Reply(307, headers={"Location": f"{plain.url}/elsewhere"})
        with pytest.raises(OutgoingFailed, match="307"):
            outgoing.get_json(plain.url, credentials=self.token)
        assert [asked.path for asked in plain.asked] == ["/"]

    @pytest.mark.parametrize("auth", ["bearer", "basic"])
    def test_a_server_that_repeats_them_is_not_quoted(self, plain: Scripted, auth) -> None:
        plain.answer = lambda asked: Reply(500, b"x" * 180 + asked.headers["Authorization"].encode() + SECRET.encode())
        with pytest.raises(OutgoingFailed) as caught:
            outgoing.get_json(plain.url, credentials=Credentials(auth, "x", "reader", SECRET))
        said = plain.asked[0].headers["Authorization"].split()[1]
        assert not any(part[:6] in str(caught.value) for part in (SECRET, said))


class TestHeaders:
    def test_a_tenant_is_sent(self, plain: Scripted) -> None:
        outgoing.request("GET", plain.url, headers={"X-Scope-OrgID": "team-a|team-b"})
        assert plain.asked[0].headers["X-Scope-OrgID"] == "team-a|team-b"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("X-A", "a\r\nAuthorization: x"), ("X-A", "a\nb"), ("X-A\r\nX-B", "a"), ("X A", "a"), ("", "a"),
            ("X-A", "ä"), ("X-A", "x" * 1001), ("X-A:", "a"),
            ("Host", "inside"), ("hOST", "inside"), ("Authorization", "Bearer x"), ("Content-Length", "0"),
            ("Transfer-Encoding", "chunked"), ("Proxy-Authorization", "x"), ("Cookie", "session=1"),
        ],
    )  # fmt: skip
    def test_none_that_steers_or_signs_in(self, plain: Scripted, name: str, value: str) -> None:
        with pytest.raises(OutgoingRefused) as caught:
            outgoing.request("GET", plain.url, headers={name: value})
        assert value not in str(caught.value) or value in {"a", "x", "0"}
        assert plain.asked == []

    def test_only_so_many(self, plain: Scripted) -> None:
        with pytest.raises(OutgoingRefused):
            outgoing.request("GET", plain.url, headers={f"X-{number}": "a" for number in range(21)})


class TestTheWholeExchange:
    def test_a_querys_own_parameters_stay(self, plain: Scripted) -> None:
        outgoing.request("GET", f"{plain.url}/x?a=b%20c&é=1", params={"d": "e f"})
        assert plain.asked[0].path == "/x?a=b%20c&%C3%A9=1&d=e+f"

    def test_it_says_what_came(self, plain: Scripted) -> None:
        plain.answer = lambda asked: Reply(429, b"slow down", {"Retry-After": "3"}, pause=0.05)
        answer = outgoing.fetch("GET", plain.url)
        assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "3", b"slow down")
        assert answer.seconds > 0.04

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(head_pause=20, headers={f"X-{number}": "a" for number in range(90)}),
            Reply(pieces=[b"x"] * 40_000, pause=0.05),
            Reply(pieces=[b"1\r\nx\r\n"] * 40_000, pause=0.05, headers={"Transfer-Encoding": "chunked"}),
        ],
        ids=["head", "body", "chunks"],
    )
    @pytest.mark.parametrize("kind", ["plain", "secure"])
    def test_it_is_over_in_time_however_it_drips(
        self, request: pytest.FixtureRequest, authority: Authority, kind: str, reply: Reply
    ) -> None:
        server = request.getfixturevalue(kind)
        """Each would drip for half an hour."""
        server.answer = lambda asked: reply
        with pytest.raises(TooSlow, match="too long"):
            outgoing.fetch(
                "GET", server.url, timeout=0.6, credentials=Credentials(authority=authority.folder / "ca.pem")
            )

    def test_a_body_that_broke_off_is_no_answer(self, plain: Scripted) -> None:
        plain.answer = lambda asked: Reply(body=b'{"ok": 1}', headers={"Content-Length": "100"})
        with pytest.raises(OutgoingFailed, match="broke off"):
            outgoing.fetch("GET", plain.url)

    def test_a_port_that_listens_answers_with_the_seconds_it_took(self, plain: Scripted) -> None:
        assert outgoing.connect_tcp("127.0.0.1", plain.port) > 0

    def test_a_port_is_reached_through_the_guard_only(self, plain: Scripted, settings) -> None:
        for host in ("localhost", "127.1", "[::1]", "::1", "169.254.169.254", "2130706433"):
            with pytest.raises(OutgoingRefused):
                outgoing.connect_tcp(host, plain.port, 1)
        for port in (0, -1, 65_536, 2**70):
            with pytest.raises(OutgoingRefused):
                outgoing.connect_tcp("127.0.0.1", port, 1)
        settings.OUTGOING_ALLOW = ["127.0.0.0/8"]
        with pytest.raises(Unreachable):
            outgoing.connect_tcp("127.0.0.1", 9, 1)  # discard: nobody listens
        with pytest.raises(Unreachable):
            outgoing.connect_tcp("nobody.invalid", 80, 1)

    def test_the_next_address_is_tried(self, plain: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
        reaches_globally(monkeypatch, "127.0.0.9", "127.0.0.1")
        assert outgoing.get_json(f"http://two.example:{plain.port}/") == {}
