"""An administrator connects another system: makes an endpoint, is shown its secret once, tests it, reads its log."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from standardwebhooks import Webhook

from incidents.incident import operations as incidents
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Door
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.webhooks.receivers import endpoints
from tests.itsm.scripted_server import Reply, Scripted, scripted
from tests.journeys.cleanliness import faults
from tests.journeys.conftest import Watched
from tests.journeys.test_hands import sign_in
from tests.journeys.test_portal import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (1440, 390) if os.environ.get("PICTURES") else (1440,)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Scripted]:
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        yield script


def look(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    assert faults(page) == [], name
    picture(page, name)


def leave() -> None:
    outbox.relay(timezone.now(), 1000, lanes=(Lane.WEBHOOK,))


def test_an_administrator_connects_a_system(
    chromium: Browser, live_server: Any, admin: User, agent: User, receiver: Scripted, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    for width in WIDTHS:
        context = chromium.new_context(base_url=live_server.url, viewport={"width": width, "height": 900})
        sign_in(context, admin, live_server.url)
        seen = Watched(context.new_page())
        page = seen.page
        page.goto("/settings/webhooks/")
        look(page, "webhooks-none")
        page.click("text=Make the first one" if width == WIDTHS[0] else "text=New endpoint")
        look(page, "webhooks-new")
        page.fill("#id_name", f"Status board {width}")
        page.fill("#id_url", "http://10.0.0.1/hook")
        page.fill("#id_events", "incident.*\nproblem.resolvd")
        page.click("text=Make it")
        expect(page.locator("body")).to_contain_text("is a private address")
        expect(page.locator("body")).to_contain_text("problem.resolved")
        look(page, "webhooks-refused")
        page.fill("#id_url", receiver.url)
        page.fill("#id_events", "incident.*\nproblem.resolved")
        page.click("text=Make it")
        secret = page.locator("text=/whsec_/").first.inner_text().strip()
        look(page, "webhooks-secret")
        page.click("text=I have it")
        page.click("text=Send a test")
        expect(page.locator("#tried")).to_contain_text("Took it")
        assert Webhook(secret).verify(
            receiver.asked[-1].body, {name.lower(): value for name, value in receiver.asked[-1].headers.items()}
        )
        endpoints.forget()
        actor = actor_for(agent, Door.WEB)
        for number in range(6):
            incidents.open_incident(actor=actor, title=f"Mail is slow {number}")
        leave()
        receiver.answer = lambda asked: Reply(503, b'{"error": "the board is full"}')
        last = incidents.open_incident(actor=actor, title="Board is full")
        leave()
        incidents.acknowledge(last, actor=actor)
        page.reload()
        expect(page.locator("body")).to_contain_text("the board is full")
        look(page, "webhooks-endpoint")
        page.click("tr[data-row]:nth-child(2) a.title")
        look(page, "webhooks-delivery")
        page.click("text=Send again")
        expect(page.locator("body")).to_contain_text("It leaves again")
        page.click("text=New secret")
        look(page, "webhooks-rotate")
        page.goto("/settings/webhooks/")
        look(page, "webhooks-list")
        receiver.answer = lambda asked: Reply()
        context.close()
        assert seen.wrong == []
