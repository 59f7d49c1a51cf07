"""Signing in by OAuth 2: an issuer over HTTPS, played; the mailbox a real dovecot that asks it whether a token holds."""

import base64
import hashlib
import json
import re
import stat
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.errors import Conflict
from itsm.mail import alarms, fetching, oauth
from itsm.mail.boxes import signing_in
from itsm.mail.boxes.trying import try_out
from itsm.mail.models import IncomingMail, Mailbox
from itsm.notifications.models import Notification
from tests.itsm.mail.dovecot import Dovecot, dovecot
from tests.itsm.mail.test_fetching import USER, a_mail, fetched
from tests.itsm.scripted_server import Asked, Authority, Reply, Scripted, an_authority, scripted

pytestmark = pytest.mark.django_db


class Issuer:
    """Gives access tokens, each with another number, and another refresh token with each; knows which hold."""

    def __init__(self) -> None:
        self.refresh, self.given, self.forms = "refresh-0", 0, []
        self.error: tuple[int, str] | None = None
        self.more: dict[str, Any] = {}
        self.code, self.challenge, self.redirect_uri, self.verifier = "", "", "", ""

    def grants(self, code: str, asked: dict[str, str]) -> None:
        """Somebody signed in and said yes."""
        self.code, self.challenge, self.redirect_uri = code, asked["code_challenge"], asked["redirect_uri"]

    def is_good(self, form: dict[str, str]) -> bool:
        digest = hashlib.sha256((self.verifier or form["code_verifier"]).encode()).digest()
        is_proven = base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.challenge
        return is_proven and (form["code"], form["redirect_uri"]) == (self.code, self.redirect_uri)

    def answer(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if asked.path.startswith("/introspect"):
            active = form.get("token") == f"access-{self.given}"
            return _json(200, {"active": active, "username": USER})
        self.forms.append(form)
        if self.error:
            return _json(
                self.error[0], {"error": self.error[1], "error_description": f"saw {form.get('refresh_token')}"}
            )
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh:
            return _json(400, {"error": "invalid_grant"})
        if form["grant_type"] == "authorization_code" and not self.is_good(form):
            return _json(400, {"error": "invalid_grant", "error_description": f"saw {form['code']}"})
        self.given += 1
        self.refresh = f"refresh-{self.given}"
        said = {"access_token": f"access-{self.given}", "expires_in": 3600} | self.more
        if form["grant_type"] != "client_credentials":
            said["refresh_token"] = self.refresh
        return _json(200, said)


def _json(status: int, said: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(said).encode(), {"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return an_authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def issuers(authority: Authority) -> Iterator[tuple[Scripted, Scripted]]:
    """Over HTTPS for us, and plain for dovecot."""
    with scripted(authority.server_context()) as ours, scripted() as theirs:
        yield ours, theirs


@pytest.fixture(scope="module")
def server(authority: Authority, issuers: tuple[Scripted, Scripted]) -> Iterator[Dovecot]:
    certificate, key = authority.sign("dovecot", "IP:127.0.0.1")
    with dovecot(certificate=certificate, key=key, introspection=f"{issuers[1].url}/introspect") as running:
        yield running


@pytest.fixture
def issuer(issuers: tuple[Scripted, Scripted]) -> Issuer:
    made = Issuer()
    for one in issuers:
        one.answer = made.answer
    return made


@pytest.fixture
def box(
    server: Dovecot, issuers: tuple[Scripted, Scripted], issuer: Issuer, authority: Authority, mailbox: Mailbox,
    settings: Any, tmp_path: Path,
) -> Mailbox:  # fmt: skip
    (tmp_path / "m365").write_text("the-client-secret")
    (tmp_path / "m365.refresh").write_text("refresh-0\n")
    (tmp_path / "m365.refresh").chmod(0o600)
    (tmp_path / "ours.ca").write_bytes((authority.folder / "ca.pem").read_bytes())
    settings.SECRETS_DIR, settings.FILES_DIR = str(tmp_path), str(tmp_path / "files")
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}", f"127.0.0.1:{issuers[0].port}"]
    oauth.forget()
    mailbox.host, mailbox.port, mailbox.credential, mailbox.authority = "127.0.0.1", server.port, "m365", "ours"
    mailbox.auth, mailbox.token_url, mailbox.client_id = "xoauth2", f"{issuers[0].url}/token", "desk"
    mailbox.scope = "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"
    mailbox.connected_at = timezone.now() - timedelta(seconds=2)
    mailbox.save()
    return mailbox


def test_a_mailbox_is_read_with_an_access_token(server: Dovecot, box: Mailbox, issuer: Issuer, tmp_path: Path) -> None:
    server.put(USER, a_mail("one"))
    assert fetched(box).error == ""
    assert IncomingMail.objects.count() == 1
    (form,) = issuer.forms
    assert form == {
        "grant_type": "refresh_token", "refresh_token": "refresh-0", "client_id": "desk", "scope": box.scope,
        "client_secret": "the-client-secret",
    }  # fmt: skip
    assert (tmp_path / "m365.refresh").read_text() == "refresh-1"  # the old one may not hold any more
    assert stat.S_IMODE((tmp_path / "m365.refresh").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files", "m365", "m365.refresh", "ours.ca"]
    fetched(box)
    assert issuer.given == 1  # the same token, as long as it holds


def test_a_token_is_renewed_at_four_fifths_of_its_life(
    box: Mailbox, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(oauth.time, "monotonic", lambda: clock[0])
    now = timezone.now()
    assert oauth.access_token(box, now) == "access-1"
    clock[0] += 3600 * 0.8 - 1
    assert oauth.access_token(box, now) == "access-1"
    clock[0] += 2
    assert oauth.access_token(box, now) == "access-2"


def test_without_a_refresh_token_it_asks_as_itself(box: Mailbox, issuer: Issuer, tmp_path: Path) -> None:
    (tmp_path / "m365.refresh").unlink()
    assert oauth.access_token(box, timezone.now()) == "access-1"
    assert issuer.forms[0]["grant_type"] == "client_credentials"
    assert not (tmp_path / "m365.refresh").exists()


def test_an_ended_sign_in_is_told_to_administrators_once_and_says_no_secret(
    box: Mailbox, issuer: Issuer, admin: User
) -> None:
    issuer.error = (400, "invalid_grant")
    done = fetched(box)
    fetched(box)
    assert "invalid_grant" in done.error
    assert "refresh-0" not in done.error
    (told,) = Notification.objects.filter(to=admin)
    assert "sign-in has ended" in told.subject
    issuer.error = None
    assert fetched(box).error == ""
    box.refresh_from_db()
    assert (box.warned, box.failing_since) == ([], None)


def test_a_refresh_token_that_cannot_be_written_is_used_on_and_told_of_once(
    server: Dovecot, box: Mailbox, issuer: Issuer, admin: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError

    monkeypatch.setattr(oauth, "tempfile", SimpleNamespace(mkstemp=full))  # mail itself is still kept
    assert fetched(box).error == ""
    oauth.access_token(box, timezone.now(), anew=True)
    assert [form["refresh_token"] for form in issuer.forms] == ["refresh-0", "refresh-1"]
    fetched(box)
    assert Notification.objects.filter(to=admin, subject__contains="cannot be kept").count() == 1
    assert (tmp_path / "m365.refresh").read_text() == "refresh-0\n"


def test_an_issuer_that_is_down_ends_no_sign_in(box: Mailbox, issuer: Issuer, admin: User) -> None:
    issuer.error = (503, "temporarily_unavailable")
    assert "503" in fetched(box).error
    assert not Notification.objects.filter(to=admin).exists()


def test_secrets_go_over_https_alone(box: Mailbox, issuers: tuple[Scripted, Scripted], settings: Any) -> None:
    box.token_url = f"{issuers[1].url}/token"
    settings.OUTGOING_ALLOW = [*settings.OUTGOING_ALLOW, f"127.0.0.1:{issuers[1].port}"]
    issuers[1].asked.clear()
    with pytest.raises(oauth.OutgoingRefused):
        oauth.access_token(box, timezone.now())
    assert issuers[1].asked == []


def test_a_refresh_token_is_used_weekly_also_while_paused(
    box: Mailbox, issuer: Issuer, django_capture_on_commit_callbacks: Any
) -> None:
    Mailbox.objects.update(paused_at=timezone.now())
    now = timezone.now()

    def a_day_passes(days: float) -> int:
        at = now + timedelta(days=days)
        due.schedule(alarms.KEEPING, Mailbox.kind, box.pk, at)
        with django_capture_on_commit_callbacks(execute=True):
            due.sweep(at)
        return issuer.given

    assert a_day_passes(0) == 1
    assert a_day_passes(6.9) == 1
    assert a_day_passes(7.1) == 2
    box.refresh_from_db()
    assert box.token_used_at == now + timedelta(days=7.1)


@pytest.mark.parametrize("said", [{"refresh_token_expires_in": 10 * 86_400}, {"refresh_token_expires_in": "nonsense"}])
def test_how_long_a_refresh_token_holds_is_kept_where_the_issuer_says_so(
    box: Mailbox, issuer: Issuer, said: dict[str, Any]
) -> None:
    issuer.more = said
    now = timezone.now()
    oauth.access_token(box, now)
    box.refresh_from_db()
    assert box.token_expires_at == (
        now + timedelta(days=10) if isinstance(said["refresh_token_expires_in"], int) else None
    )


def test_warned_fourteen_seven_and_one_day_before_the_end(box: Mailbox, admin: User) -> None:
    now = timezone.now()
    Mailbox.objects.update(token_expires_at=now + timedelta(days=20), token_used_at=now + timedelta(days=30))

    def told_until(days: float) -> list[str]:
        at = now + timedelta(days=days)
        due.schedule(alarms.KEEPING, Mailbox.kind, box.pk, at)
        due.sweep(at)
        return list(Notification.objects.filter(to=admin).order_by("id").values_list("subject", flat=True))

    assert told_until(5.9) == []
    assert len(told_until(6.1)) == 1
    assert len(told_until(12.9)) == 1
    assert len(told_until(13.1)) == 2
    assert len(told_until(18.9)) == 2
    assert told_until(19.1)[-1].endswith(f" ends on {now + timedelta(days=20):%Y-%m-%d}")
    assert len(told_until(19.9)) == 3
    Mailbox.objects.update(token_expires_at=now + timedelta(days=60))  # renewed
    assert len(told_until(20)) == 3
    assert len(told_until(47)) == 4


def test_unread_for_fifteen_minutes_is_told_once_until_it_was_read(
    server: Dovecot, box: Mailbox, issuer: Issuer, admin: User
) -> None:
    Mailbox.objects.update(read_at=timezone.now() - timedelta(minutes=16))
    box.refresh_from_db()
    for _ in range(2):
        fetching.fetch_when_due(box.pk, timezone.now())
    assert Notification.objects.filter(to=admin, subject__contains="15 minutes").count() == 1
    assert fetched(box).error == ""
    Mailbox.objects.update(read_at=timezone.now() - timedelta(minutes=14))
    fetching.fetch_when_due(box.pk, timezone.now())
    assert Notification.objects.filter(to=admin).count() == 1
    Mailbox.objects.update(read_at=timezone.now() - timedelta(minutes=16))
    fetching.fetch_when_due(box.pk, timezone.now())
    assert Notification.objects.filter(to=admin).count() == 2


def test_the_test_of_a_mailbox_names_the_step_that_fails(server: Dovecot, box: Mailbox, issuer: Issuer) -> None:
    assert [step.is_good for step in try_out(box, timezone.now())] == [True, True, True, True]
    issuer.error = (401, "invalid_client")
    (only,) = try_out(box, timezone.now())
    assert (only.is_good, only.name) == (False, "Get an access token")


class TestInTheBrowser:
    """Authorization code and PKCE: the browser is Django's client, the issuer the same as above."""

    @pytest.fixture
    def page(self, box: Mailbox, issuer: Issuer, tmp_path: Path) -> Mailbox:
        (tmp_path / "m365.refresh").unlink()
        box.authorize_url = "https://issuer.example/authorize?tenant=x"
        box.warned = ["over"]
        box.save()
        issuer.more = {"refresh_token_expires_in": 7_776_000}
        return box

    def asked_at(self, client: Any, box: Mailbox) -> dict[str, str]:
        """What the link to the issuer asks."""
        answer = client.post(f"{box.get_absolute_url()}sign-in/")
        assert answer.status_code == 200
        (address,) = re.findall(r'href="(https://issuer\.example/[^"]+)"', answer.content.decode())
        parts = urlsplit(unescape(address))
        return {name: values[0] for name, values in parse_qs(parts.query).items()}

    def test_who_signs_in_puts_the_refresh_token_into_the_folder(
        self, page: Mailbox, issuer: Issuer, admin: User, web: Any, tmp_path: Path
    ) -> None:
        client = web(admin)
        asked = self.asked_at(client, page)
        assert (asked["tenant"], asked["response_type"], asked["client_id"]) == ("x", "code", "desk")
        assert (asked["code_challenge_method"], asked["login_hint"]) == ("S256", page.address)
        assert asked["redirect_uri"].endswith("/mail/oauth/")
        issuer.grants("code-7", asked)
        back = client.get("/mail/oauth/", {"code": "code-7", "state": asked["state"]})
        assert "Keep it" in back.content.decode()
        assert back["Referrer-Policy"] == "no-referrer"
        assert not (tmp_path / "m365.refresh").exists(), "looking keeps nothing"
        sent = {"code": "code-7", "state": asked["state"]}
        assert client.post("/mail/oauth/", sent).status_code == 302
        assert (tmp_path / "m365.refresh").read_text() == "refresh-1"
        assert stat.S_IMODE((tmp_path / "m365.refresh").stat().st_mode) == 0o600
        assert "client_secret" in issuer.forms[-1]
        page.refresh_from_db()
        assert page.warned == []
        assert page.token_expires_at is not None
        assert page.token_expires_at - timezone.now() > timedelta(days=89)
        assert Entry.objects.filter(event="mailbox.signed_in").count() == 1
        assert "refresh-1" not in "".join(map(str, Entry.objects.values_list("changes", flat=True)))
        assert client.post("/mail/oauth/", sent).status_code == 409, "once"
        assert fetched(page).error == ""

    def test_what_another_browser_began_or_somebody_made_up_keeps_nothing(
        self, page: Mailbox, issuer: Issuer, admin: User, agent: User, web: Any, tmp_path: Path
    ) -> None:
        client = web(admin)
        asked = self.asked_at(client, page)
        issuer.grants("code-7", asked)
        sent = {"code": "code-7", "state": asked["state"]}
        assert web(admin).post("/mail/oauth/", sent).status_code == 409, "another session"
        assert client.post("/mail/oauth/", sent | {"state": asked["state"][:-1]}).status_code == 409
        assert client.post("/mail/oauth/", {"code": "code-7"}).status_code == 409
        assert web(agent).post(f"{page.get_absolute_url()}sign-in/").status_code == 403
        assert web(agent).get("/mail/oauth/").status_code == 403
        Mailbox.objects.filter(pk=page.pk).update(version=page.version + 1)
        assert client.post("/mail/oauth/", sent).status_code == 409, "changed meanwhile"
        Mailbox.objects.filter(pk=page.pk).update(version=page.version)
        issuer.verifier = "another"
        answer = client.post("/mail/oauth/", sent)
        assert (answer.status_code, "invalid_grant" in answer.content.decode()) == (409, True)
        assert "code-7" not in answer.content.decode()
        asked = self.asked_at(client, page)
        later = timezone.now() + timedelta(seconds=601)
        with pytest.raises(Conflict):
            signing_in.came_back(client.session, asked["state"], at=later)
        refused = client.get("/mail/oauth/", {"error": "access_denied", "state": asked["state"]}).content.decode()
        assert "access_denied" in refused
        assert not (tmp_path / "m365.refresh").exists()
