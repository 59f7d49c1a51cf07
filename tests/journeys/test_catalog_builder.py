"""Somebody builds "open a firewall port" by the keyboard, a condition and an approval in it, and fills it in as who asks."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from catalog.items import queries
from catalog.models import CatalogItem
from itsm.accounts.models import User
from tests.factories.items import a_team
from tests.factories.knowledge import somebody
from tests.journeys.cleanliness import faults
from tests.journeys.conftest import Watched
from tests.journeys.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.heavy, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
HERE = "/catalog/items/open-a-firewall-port/"


@pytest.fixture
def seen(chromium: Browser, live_server: Any) -> Iterator[Watched]:
    owner = User(username="owner", roles=["owner"], name="Otto")
    owner.set_password("headroom-for-tests")
    owner.save()
    a_team()
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    watched = Watched(context.new_page())
    watched.page.goto("/sign-in/")
    watched.page.fill("#id_username", "owner")
    watched.page.fill("#id_password", "headroom-for-tests")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url(lambda url: "sign-in" not in url)
    yield watched
    context.close()


def test_an_item_is_built_by_the_keyboard_and_reacts_as_it_is_filled_in(seen: Watched) -> None:
    page = seen.page
    page.goto("/catalog/items/new/")
    page.fill("#id_name", "Open a firewall port")
    page.select_option("#id_team", label="Service Desk")
    _keep(page, "#id_name", f"{HERE}build/")
    _add(page, "Another section", "Where", f"{HERE}build/")
    _question(page, "Environment", "choice", "environment")
    page.fill("#id_options", "Test\nProduction")
    _keep(page, "#id_label", f"{HERE}build/")
    _question(page, "Reason", "long", "reason")
    page.check("#id_required")
    page.select_option("#id_when_0_field", label="Environment")
    assert page.locator("#id_when_0_op option:not([hidden])").all_inner_texts() == [
        "is", "is not", "is one of", "is none of", "is empty", "is answered",
    ]  # fmt: skip
    page.fill("#id_when_0_value", "production")
    assert faults(page) == []
    _keep(page, "#id_when_0_value", f"{HERE}build/")
    page.get_by_role("button", name="Add a step").press("Enter")
    page.wait_for_url(f"**{HERE}approval/0/")
    page.goto(f"{HERE}build/")
    _add(page, "Another task", "Open it", f"{HERE}tasks/open_it/")
    page.goto(f"{HERE}preview/")
    reason = page.get_by_label("Reason")
    assert not reason.is_visible()
    page.get_by_label("Environment").select_option("production")
    assert reason.is_visible()
    page.get_by_role("button", name="Try these answers").click()
    assert not page.locator("#kept-title").is_visible()  # the browser asks for the reason first
    reason.fill("The shop cannot pay")
    page.get_by_role("button", name="Try these answers").click()
    page.wait_for_selector("#kept-title")
    page.goto(f"{HERE}build/")
    page.get_by_role("link", name="Publish…").click()
    page.wait_for_url(f"**{HERE}publish/")
    page.locator("main form button.btn-primary, main form button.btn").first.click()
    page.wait_for_url(f"**{HERE}")
    assert seen.wrong == []
    assert queries.offered_by_slug(somebody("requester"), "open-a-firewall-port") == CatalogItem.objects.get()


def _add(page: Page, label: str, words: str, there: str) -> None:
    """Type into the box that adds a part, and press Enter."""
    box = page.get_by_label(label).last
    box.fill(words)
    box.press("Enter")
    page.wait_for_url(f"**{there}*")
    until(page, "words => document.body.innerText.includes(words)", words)


def _question(page: Page, words: str, type_: str, key: str) -> None:
    page.get_by_label("Answered by").select_option(type_)
    _add(page, "Another question", words, f"{HERE}questions/{key}/")


def _keep(page: Page, field: str, there: str) -> None:
    page.locator(field).press("Control+Enter")
    page.wait_for_url(f"**{there}*")
