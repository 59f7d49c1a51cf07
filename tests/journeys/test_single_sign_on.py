"""A company connects its provider in a browser, and its people are in the right team at their first sign-in.

OpenID Connect with a provider that others wrote (oidc-provider-mock), SAML with pysaml2 behind a page of another site.
"""

import html
import json
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import Session, Team, User
from itsm.identity.models import GroupMapping, IdentityProvider
from itsm.single_sign_on.saml import configuration
from tests.itsm.scripted_server import Asked, Reply, scripted
from tests.itsm.single_sign_on.saml_provider import ENTITY, Idp, pair, request_of, sent
from tests.journeys.cleanliness import faults
from tests.journeys.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.heavy, pytest.mark.django_db(transaction=True)]
LISTENS = threading.Event()  # never set: it is only waited for
PASSWORD = "long and known to admin"


@pytest.fixture
def desk(live_server: Any, settings: Any, admin: User) -> Any:
    """A desk with one administrator behind a live server."""
    settings.BASE_URL = live_server.url
    admin.set_password(PASSWORD)
    admin.save()
    return live_server


@contextmanager
def real_provider() -> Iterator[str]:
    """Its issuer. It answers ada, who is in the group builders."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), "--user", "ada-1"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        issuer = f"http://127.0.0.1:{port}"
        claims = {"email": "ada@acme.test", "email_verified": True, "name": "Ada Lovelace", "groups": ["builders"]}
        for _attempt in range(600):
            try:
                _put(f"{issuer}/users/ada-1", claims)
                break
            except OSError:
                LISTENS.wait(0.1)
        yield issuer
    finally:
        running.terminate()
        running.wait(30)


def _put(url: str, body: Any) -> None:
    asked = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="PUT"
    )  # fmt: skip
    urllib.request.urlopen(asked, timeout=10).close()


@contextmanager
def a_stranger(chromium: Any, desk: Any) -> Iterator[Watched]:
    """A browser in which nobody is signed in."""
    context = chromium.new_context(base_url=desk.url, viewport={"width": 1440, "height": 900})
    seen = Watched(context.new_page())
    yield seen
    context.close()
    assert not seen.wrong, seen.wrong


def test_a_company_connects_its_provider(chromium: Any, desk: Any, admin: User, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "acme-sso").write_text("a-secret")
    settings.SECRETS_DIR = str(tmp_path)
    team = Team.objects.create(slug="payments", name="Payments")
    with real_provider() as issuer:
        settings.OUTGOING_ALLOW = [issuer.removeprefix("http://")]
        with a_stranger(chromium, desk) as seen:
            page = seen.page
            page.goto("/sign-in/")
            page.fill("#id_username", "admin")
            page.fill("#id_password", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "sign-in" not in url)
            page.goto("/settings/identity/")
            page.get_by_role("link", name="Connect the first one").click()
            page.get_by_role("link", name="OpenID Connect").click()
            page.wait_for_url("**/add/oidc/**")
            assert not faults(page)
            page.get_by_label("Name", exact=True).fill("Acme")
            page.get_by_label("Issuer").fill(issuer)
            page.get_by_label("Client ID").fill("headroom")
            page.get_by_label("File of the client secret").fill("acme-sso")
            page.get_by_label("Accounts are made for").select_option("everybody")
            page.get_by_role("button", name="Set it up").click()
            page.wait_for_url("**/settings/identity/company/")
            page.get_by_role("link", name="Try it").click()
            page.get_by_role("button", name="ada-1").click()
            page.wait_for_url("**/settings/identity/company/#tried")
            assert "Nobody was signed in" in page.content()
            assert "builders" in page.content()
            assert not faults(page)
            page.get_by_role("link", name="Map a group").click()
            page.get_by_label("Group", exact=True).fill("builders")
            page.get_by_label("Or is in this team").select_option(team.slug)
            page.get_by_role("button", name="Map it").click()
            page.wait_for_url("**/settings/identity/company/")
            page.get_by_role("link", name="Go live").click()
            assert not faults(page)
            if page.get_by_label("Your password").count():
                page.get_by_label("Your password").fill(PASSWORD)
            page.get_by_role("main").get_by_role("button", name="Go live").click()
            page.wait_for_url("**/settings/identity/company/")
            assert IdentityProvider.objects.get().standing == "trusted"
        with a_stranger(chromium, desk) as seen:
            page = seen.page
            page.goto("/sign-in/?next=/profile/")
            page.get_by_role("link", name="Sign in with Acme").click()
            page.get_by_role("button", name="ada-1").click()
            page.wait_for_url("**/profile/")
            ada = User.objects.get(username="ada")
            assert (ada.name, ada.email) == ("Ada Lovelace", "ada@acme.test")
            assert list(ada.teams.all()) == [team]
            assert Session.objects.get(user=ada).by == "provider:company"


def test_somebody_signs_in_by_saml_from_another_site(
    chromium: Any, desk: Any, admin: User, settings: Any, tmp_path: Path
) -> None:
    """The provider's page stands on another site, so its form brings no cookie of ours."""
    if not shutil.which("xmlsec1"):
        pytest.skip("xmlsec1 is not installed (Debian: apt-get install xmlsec1)")
    at = timezone.now() - timedelta(days=1)
    with scripted() as server:
        there = server.url if "localhost" in desk.url else f"http://localhost:{server.port}"
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}", f"localhost:{server.port}"]
        says = {"entity_id": ENTITY, "sso_url": f"{there}/sso", "certificates": [pair()[1]], "emails_verified": True}
        provider = IdentityProvider.objects.create(
            slug="acme", name="Acme", protocol="saml", sign_up="everybody", asked_at=at, trusted_at=at, made_by=admin,
            configuration=configuration.checked(says),
        )  # fmt: skip
        GroupMapping.objects.create(
            provider=provider, group="eng", role="engineer", asked_at=at, trusted_at=at, mapped_by=admin
        )
        idp = Idp(tmp_path, Client().get("/sign-in/with/acme/metadata/").content.decode())

        def answer(asked: Asked) -> Reply:
            text = idp.respond(asked.path, groups=("eng",))
            acs = request_of(asked.path).get("AssertionConsumerServiceURL")
            fields = "".join(f'<input name="{name}" value="{html.escape(one)}">' for name, one in sent(text).items())
            form = f'<form method="post" action="{acs}">{fields}<button>Continue</button></form>'
            return Reply(200, form.encode(), {"Content-Type": "text/html"})

        server.answer = answer
        with a_stranger(chromium, desk) as seen:
            page = seen.page
            page.goto("/sign-in/?next=/profile/")
            page.get_by_role("link", name="Sign in with Acme").click()
            page.get_by_role("button", name="Continue").click()
            page.wait_for_url("**/profile/")
            assert sorted(User.objects.get(username="ada").roles) == ["engineer", "requester"]
            page.goto("/")
            page.context.clear_cookies()
            page.goto("/sign-in/with/acme/finish/?ticket=made-up")
            assert "Other ways to sign in" in page.content()
            assert not faults(page)
