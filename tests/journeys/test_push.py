"""News on a device as its owner sees it: asked on a click alone, shown by the one service worker, which says so."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from itsm.accounts.models import User
from itsm.notifications.models import PushDevice
from itsm.notifications.pushing import messages
from itsm.notifications.rules import WISHES
from tests.journeys.cleanliness import faults

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = "navigator.serviceWorker.getRegistrations().then((all) => all.filter((one) => one.active).length)"


@pytest.fixture
def phone(chromium: Browser, live_server: Any, settings: Any, agent: User, web: Callable[[User], Client]) -> Any:
    settings.WEB_PUSH_KEY = "a secret of this desk"
    settings.BASE_URL = live_server.url
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844})
    cookie = web(agent).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    context.grant_permissions(["notifications"])
    yield context.new_page()
    context.close()


def test_a_click_starts_the_worker_which_shows_what_comes_and_says_so(phone: Page, agent: User) -> None:
    device = PushDevice.objects.create(
        user=agent, name="Chromium", endpoint="https://push.example/1", p256dh="x", auth="y"
    )
    phone.goto("/profile/devices/")
    assert faults(phone) == []
    assert phone.evaluate(WORKERS) == 0, "on a click alone"
    phone.get_by_role("button", name="Show my news on this device").click()
    waited(phone, lambda: phone.evaluate(WORKERS) == 1)
    deliver(phone, messages.trial(device))
    (worker,) = phone.context.service_workers
    shown = "self.registration.getNotifications().then((all) => all.map((one) => [one.title, one.body, one.data.path]))"
    waited(phone, lambda: PushDevice.objects.filter(pk=device.pk, shown_at__isnull=False).exists())
    assert worker.evaluate(shown) == [["It works", "News come to this device as you wish them to.", WISHES]]


def waited(page: Page, is_so: Callable[[], Any]) -> None:
    for _try in range(200):
        if is_so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


def deliver(page: Page, said: dict[str, Any]) -> None:
    """As a push service would: what it carries is decrypted by then."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    waited(page, lambda: found)
    origin = page.evaluate("location.origin")
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found[-1], "data": json.dumps(said)},
    )
