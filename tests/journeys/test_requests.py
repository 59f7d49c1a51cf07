"""A request from both sides, with a real Chromium: its manager and its requester on a phone, its fulfiller at the desk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.models import Request
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from tests.factories.requests import a_request, an_item, asks, item_of, question, task
from tests.journeys.cleanliness import faults
from tests.journeys.conftest import Watched
from tests.journeys.test_hands import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
MANAGER = {"who": "manager", "value": "", "quorum": "any"}


@pytest.fixture
def open_as(chromium: Browser, live_server: Any, settings: Any) -> Callable[..., Any]:
    """`with open_as(person, width=390) as page`: signed in; fails on any violation when it closes."""
    settings.BASE_URL = live_server.url

    @contextmanager
    def opened(person: User, *, width: int = 1440, dark: bool = False) -> Iterator[Page]:
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )  # fmt: skip
        sign_in(context, person, live_server.url)
        seen = Watched(context.new_page())
        yield seen.page
        seen.page.wait_for_load_state("networkidle")
        context.close()
        assert seen.wrong == []

    return opened


def _clean(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert faults(page) == []
    return page


def test_asked_approved_fulfilled_and_confirmed(
    open_as: Callable[..., Any], person: Callable[..., User], as_actor: Callable[[User], Actor]
) -> None:
    requester, boss, agent = person("requester"), person("approver"), person("agent")
    requester.manager = boss
    requester.save()
    team = Team.objects.get_or_create(slug="support", defaults={"name": "Support", "takes_work": True})[0]
    team.members.add(agent)
    laptop = an_item(
        name="Replacement laptop", questions=[question("why", "Why do you need it?", type="long")],
        steps=[asks(MANAGER)], price_minor=129_900, currency="EUR", expected_hours=16,
        tasks=[task("order", title="Order it"), task("image", "order", title="Put the image on it"), task("desk", title="Book a slot at the desk")],
    )  # fmt: skip
    request = a_request(as_actor(requester), laptop, answers={"why": "The battery of mine is swollen."})
    url, one = request.get_absolute_url(), "#item-1"
    with open_as(boss, width=390) as page:
        _clean(page, url)
        page.locator("[name=decision][value=approve]").first.click()
        expect(page.locator(one)).to_contain_text("Being fulfilled")
    assert item_of(request).status == "fulfilling"
    with open_as(agent) as page:
        _clean(page, "/requests/")
        page.locator("tr[data-row] a.title").first.click()
        page.wait_for_url(f"**{url}")
        _clean(page, url)
        page.locator("[data-step=wait]").click()
        page.locator("dialog[open] textarea").fill("Which floor are you on?")
        page.locator("dialog[open] .sheet-foot button").click()
        expect(page.locator(one)).to_contain_text("Which floor are you on?")
    with open_as(requester, width=390, dark=True) as page:
        _clean(page, "/requests/")
        _clean(page, url)
        page.fill("#id_text", "On the third.")
        page.get_by_role("button", name="Send").last.click()
        expect(page.locator(one)).not_to_contain_text("Which floor")
    with open_as(agent, dark=True) as page:
        _clean(page, url)
        for title in ("Order it", "Put the image on it", "Book a slot at the desk"):
            page.get_by_role("button", name=f"{title} is done").click()
            expect(page.get_by_role("button", name=f"{title} is done")).to_have_count(0)
    assert Request.objects.get().outcome == "complete"
    with open_as(requester, width=390) as page:
        _clean(page, url)
        page.get_by_role("button", name="It works").click()
        expect(page.locator("main")).to_contain_text("You said that it works")
    with open_as(agent, width=390) as page:
        _clean(page, url)
        _clean(page, "/requests/report/?days=7")
        _clean(page, "/requests/?tab=ours")
    assert Request.objects.get().confirmed_at is not None
