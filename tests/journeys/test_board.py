"""The board with a real Chromium: cards by mouse and by keys, and what a step asks for or refuses."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from incidents.models import Incident
from itsm.accounts.models import User
from tests.journeys.test_desk_keys import Open, ada, opened, ten

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
__all__ = ["ada", "opened", "ten"]


def column(page: Page, state: str) -> Locator:
    return page.locator(f"[data-column={state}]")


def card(page: Page, incident: Incident, state: str) -> Locator:
    """The card of it in this column."""
    return column(page, state).locator(f"[data-row='{incident.reference}']")


def states(*incidents: Incident) -> list[str]:
    return [Incident.objects.get(pk=one.pk).status for one in incidents]


def test_cards_are_dragged_moved_by_keys_asked_and_refused(
    opened: Open, ada: User, ten: list[Incident], settings: Any
) -> None:
    by_mouse, by_keys = ten[:2]
    with opened(ada) as page:
        page.goto("/incidents/board/?whose=all")
        card(page, by_mouse, "new").drag_to(column(page, "in_progress"))
        expect(card(page, by_mouse, "in_progress")).to_have_attribute("data-state", "in_progress")
        assert states(by_mouse) == ["in_progress"]
        expect(column(page, "in_progress").locator(".much")).to_have_text("1")

        card(page, by_keys, "new").get_by_role("link").focus()
        page.keyboard.press("Shift+ArrowRight")
        expect(card(page, by_keys, "in_progress")).to_have_attribute("data-state", "in_progress")
        assert states(by_keys) == ["in_progress"]

        # The next column asks what it waits for: whoever does not say so finds the card where it lay.
        dialog = page.locator("#card-asks")
        card(page, by_keys, "in_progress").get_by_role("link").focus()
        page.keyboard.press("Shift+ArrowRight")
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(card(page, by_keys, "in_progress")).not_to_have_class("is-sending")
        expect(card(page, by_keys, "on_hold")).to_have_count(0)
        assert states(by_keys) == ["in_progress"]

        card(page, by_keys, "in_progress").drag_to(column(page, "on_hold"))
        dialog.locator("[name=hold_reason]").first.select_option("vendor")
        dialog.locator("[name=reason]").fill("They send a new one")
        dialog.locator("button:not([type=button])").click()
        expect(card(page, by_keys, "on_hold")).to_have_attribute("data-state", "on_hold")
        expect(dialog).to_be_hidden()
        assert states(by_keys) == ["on_hold"]

        # No step leads back to new: the card goes back, and says why.
        card(page, by_mouse, "in_progress").drag_to(column(page, "new"))
        expect(card(page, by_mouse, "in_progress")).to_contain_text("No step leads from")
        expect(card(page, by_mouse, "new")).to_have_count(0)
        assert states(by_mouse, by_keys) == ["in_progress", "on_hold"]
