"""An approver's queue by keyboard alone, with a real Chromium: two presses a decision, and the next one is there."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from changes.models import Change
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from tests.factories.changes import a_measured_service, ask, change_of
from tests.journeys.conftest import Watched
from tests.journeys.test_hands import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
ALONE = 400  # ms: a letter acts once it has stood alone


def test_two_keys_a_decision_and_the_next_one_is_there(
    chromium: Browser, live_server: Any, settings: Any, person: Callable[..., User],
    as_actor: Callable[[User], Actor],
) -> None:  # fmt: skip
    settings.BASE_URL = live_server.url
    asker, approver = as_actor(person("engineer")), person("approver")
    service = a_measured_service("no_data", tier=1)
    first, second, third = (
        change_of(ask(service, asker, summary=f"Change number {n}", commit=f"{n}" * 40)) for n in (1, 2, 3)
    )
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844})
    sign_in(context, approver, live_server.url)
    seen = Watched(context.new_page())
    page = seen.page
    page.goto("/approvals/")
    expect(page.locator("#item")).to_contain_text(first.reference)
    for key, status in (("a", "scheduled"), ("d", "draft")):
        page.keyboard.press(key)
        page.wait_for_timeout(ALONE)
        expect(page.locator("#id_comment")).to_be_focused()
        if key == "d":
            page.keyboard.type("Not before the sale.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#item")).to_contain_text((second if key == "a" else third).reference)
        assert Change.objects.get(pk=(first if key == "a" else second).pk).status == status
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    page.wait_for_url(f"**/changes/{third.reference}/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.wait_for_load_state("networkidle")
    context.close()
    assert seen.wrong == []
