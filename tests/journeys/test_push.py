"""News on a device as its owner sees it: asked on a click alone, shown by the one service worker, which says so."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from incidents.incident import operations as incidents
from incidents.incident.operations import conversation
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor, Door
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.notifications.models import PushDevice
from itsm.notifications.pushing import devices, messages
from itsm.notifications.rules import WISHES
from itsm.paging.models import Page as Page_
from itsm.paging.operations import escalating, reaching
from tests.conftest import SYSTEM
from tests.factories.slo import a_service
from tests.itsm.paging.company import a_policy
from tests.itsm.scripted_server import Reply, scripted
from tests.itsm.test_push import Browser as Subscribed
from tests.journeys.cleanliness import faults

pytestmark = pytest.mark.django_db(transaction=True)
# What the worker opens where its notification is touched.
TOUCHED = """
async () => {
  const [notification] = await self.registration.getNotifications();
  let opened = "";
  Object.defineProperty(self.clients, "openWindow", { value: async (url) => { opened = url; }, configurable: true });
  const waits = [];
  const touch = new NotificationEvent("notificationclick", { notification });
  touch.waitUntil = (one) => waits.push(one);
  self.dispatchEvent(touch);
  await Promise.all(waits);
  return opened;
}
"""
WORKERS = "navigator.serviceWorker.getRegistrations().then((all) => all.filter((one) => one.active).length)"


def acts(user: User) -> Actor:
    return actor_for(user, Door.WEB)


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


def test_a_colleague_hears_on_a_locked_phone_and_is_led_to_the_record(
    phone: Page, agent: User, engineer: User, chromium: Browser, live_server: Any, settings: Any
) -> None:
    """From a caller's words to the screen: through the lane, a push service, and the worker, with no page of the desk
    open. What the touch opens is the record, once its owner has signed in. Only the touch itself is played: no browser
    without a screen takes one on a notification."""
    incident = incidents.open_incident(actor=acts(engineer), title="Salaries are wrong")
    incident = incidents.edit(incident, actor=acts(agent), version=incident.version, assigned_to=agent)
    phone.goto("/profile/devices/")
    phone.get_by_role("button", name="Show my news on this device").click()
    waited(phone, lambda: phone.evaluate(WORKERS) == 1)
    (worker,) = phone.context.service_workers
    elsewhere = phone.context.new_page()  # the browser runs, as on any phone; no page of the desk does
    phone.close()
    assert [page.url for page in phone.context.pages] == ["about:blank"]

    with scripted() as service:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{service.port}"]
        service.answer = lambda asked: Reply(201)
        subscribed = Subscribed(f"{service.url}/send/1")
        device = devices.add(actor=acts(agent), name="Phone", **subscribed.given)
        conversation.reply(incident, actor=acts(engineer), text="They still are")
        outbox.relay(timezone.now() + timedelta(seconds=1), lanes=[Lane.PUSH])
    (asked,) = service.asked
    assert (asked.headers["Urgency"], asked.headers["TTL"]) == ("high", "14400")
    deliver(elsewhere, subscribed.reads(asked.body), origin=live_server.url)
    waited(elsewhere, lambda: PushDevice.objects.filter(pk=device.pk, shown_at__isnull=False).exists())
    shown = (
        "self.registration.getNotifications().then((all) => all.map((one) => [one.title, one.body.split('\\n')[0]]))"
    )
    assert worker.evaluate(shown) == [[f"{incident.reference}: something new", "The caller answers"]]

    led_to = worker.evaluate(TOUCHED)
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(led_to)
    assert "/sign-in/" in page.url, "whoever finds the phone reads nothing"
    agent.set_password("a long word of hers")
    agent.save()
    page.fill("#id_username", agent.username)
    page.fill("#id_password", "a long word of hers")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{incident.get_absolute_url()}")
    assert page.get_by_text("They still are").count() == 1
    context.close()


def test_a_page_is_pushed_and_answered_by_one_button_by_whoever_holds_the_device(
    phone: Page, agent: User, chromium: Browser, live_server: Any, payments: Team
) -> None:
    """Nobody signs in at three: the path that the push carries opens one button, and pressing it holds the incident."""
    Membership.objects.get_or_create(team=payments, user=agent)
    now = timezone.now()
    policy = a_policy(payments, [agent])
    incident = incidents.open_from_alert(
        actor=SYSTEM, service=a_service(team=payments), title="Checkout burns", description="", priority=1, source_key="1"
    )  # fmt: skip
    Page_.objects.all().delete()  # of its own opening, which no route takes
    called = escalating.begin(
        "incident", incident.pk, policy=policy, urgency="high", title=incident.title, at=now, actor=SYSTEM,
        path=incident.get_absolute_url(), team_id=payments.pk,
    )  # fmt: skip
    escalating.step_when_due(called.pk, now)
    phone.goto("/profile/devices/")
    phone.get_by_role("button", name="Show my news on this device").click()
    waited(phone, lambda: phone.evaluate(WORKERS) == 1)
    device = PushDevice.objects.create(
        user=agent, name="Phone", endpoint="https://push.example/2", p256dh="x", auth="y"
    )
    deliver(phone, reaching._called(Page_.objects.get(person=agent), device))
    waited(phone, lambda: PushDevice.objects.filter(pk=device.pk, shown_at__isnull=False).exists())
    (worker,) = phone.context.service_workers
    paths = worker.evaluate("self.registration.getNotifications().then((all) => all.map((one) => one.data.path))")
    asleep = chromium.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, color_scheme="dark"
    ).new_page()
    asleep.goto(paths[-1])
    assert faults(asleep) == []
    assert Page_.objects.get(person=agent).is_open, "looking changes nothing"
    (button,) = asleep.get_by_role("button").all()
    assert button.bounding_box()["height"] >= 44, "for a thumb"
    button.click()
    asleep.wait_for_selector("h1:has-text('You hold it')")
    called.refresh_from_db()
    incident.refresh_from_db()
    assert (called.status, called.held_by, incident.assigned_to) == ("held", agent, agent)
    asleep.context.close()


def waited(page: Page, is_so: Callable[[], Any]) -> None:
    for _try in range(200):
        if is_so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


def deliver(page: Page, said: dict[str, Any], *, origin: str = "") -> None:
    """As a push service would: what it carries is decrypted by then."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    waited(page, lambda: found)
    origin = origin or page.evaluate("location.origin")
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found[-1], "data": json.dumps(said)},
    )
