"""Second factors in a real browser with a virtual authenticator: set-up, a passkey, the second step, step-up."""

from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession

from itsm.accounts.models import Session, User
from itsm.accounts.sessions import SessionStore
from itsm.second_factors.models import FactorRule, SecurityKey
from tests.journeys.conftest import Watched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]
WORD = "correct horse battery"


def authenticator(session: CDPSession) -> None:
    """A key in this browser that asks for a finger, and is touched at once."""
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_set_up_at_the_sign_in_and_opens_what_it_should(
    chromium: Browser, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    ada = User.objects.create_user("ada", WORD, roles=["engineer"])
    FactorRule.objects.create(role="engineer", required=True)
    context = chromium.new_context(base_url=live_server.url)
    seen = Watched(context.new_page())
    page = seen.page
    authenticator(context.new_cdp_session(page))

    def by_password() -> None:
        page.goto("/sign-in/")
        page.fill("#id_username", "ada")
        page.fill("#id_password", WORD)
        page.keyboard.press("Enter")

    by_password()
    page.wait_for_url("**/sign-in/set-up/")
    page.goto("/teams/")
    assert "/sign-in/" in page.url, "nothing else opens"
    by_password()
    page.wait_for_url("**/sign-in/set-up/")  # the page that is left offers a passkey too
    page.click("text=A passkey")
    page.click("text=Add it now")
    page.wait_for_selector("text=Your recovery codes")
    assert SecurityKey.objects.get(user=ada).passkey
    page.click("text=I have kept them")
    assert Session.objects.get(user=ada).strong

    context.clear_cookies()
    page.goto("/sign-in/?next=/teams/")
    page.click("text=Sign in with a passkey")
    page.wait_for_url(lambda url: "sign-in" not in url)
    assert page.url.endswith("/teams/")
    assert Session.objects.filter(user=ada, by="passkey").count() == 1

    context.clear_cookies()
    by_password()
    page.wait_for_url("**/sign-in/second/")
    page.click("text=Use a security key")
    page.wait_for_url(lambda url: "sign-in" not in url)

    Session.objects.filter(user=ada).delete()
    context.clear_cookies()
    by_password()
    page.click("text=Use a security key")
    page.wait_for_url(lambda url: "sign-in" not in url)
    stale = Session.objects.get(user=ada)
    assert stale_proof(stale)
    page.goto("/profile/factors/add/key/")
    page.wait_for_url("**/profile/prove/**")
    page.click("text=Use a security key")
    page.wait_for_selector("text=Add it now")
    assert page.locator("text=Add it now").count() == 1
    context.close()
    assert seen.wrong == []


def stale_proof(session: Session) -> bool:
    """What this session showed was shown an hour ago."""
    values = SessionStore().decode(session.data)
    values["proved_at"] -= 3600
    return Session.objects.filter(pk=session.pk).update(data=SessionStore().encode(values)) == 1
