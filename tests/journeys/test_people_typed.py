"""Somebody is named by a few letters and the keyboard: in a box of one, in lists of turns, and in a war room's commands."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from incidents.models import Major
from itsm.accounts.models import User
from itsm.oncall import operations as oncall
from tests.conftest import SYSTEM
from tests.incidents.major.situations import live
from tests.journeys.cleanliness import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


@pytest.fixture
def desk(
    chromium: Browser, live_server: Any, settings: Any, manager: User, person: Any, web: Callable[[User], Client]
) -> Iterator[Page]:
    for username, name in (("zoe.quill", "Zoë Quill"), ("zack.ames", "Zachary Ames")):
        made = person("agent", username=username)
        User.objects.filter(pk=made.pk).update(name=name)
    settings.BASE_URL = live_server.url
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    cookie = web(manager).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_people_are_chosen_where_their_names_are_typed(desk: Page, manager: User, payments: Any, as_actor: Any) -> None:
    managing = as_actor(manager)
    major = live(managing, managing)
    desk.goto(major.get_absolute_url())
    desk.get_by_text("Add somebody").click()
    who = desk.locator("#stakeholders [name=person]")
    who.focus()
    desk.keyboard.type("quill")
    found = desk.locator(".people-found [role=option]")
    expect(found).to_have_count(1, timeout=60_000)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    assert who.input_value() == "zoe.quill"
    desk.keyboard.press("Enter")
    expect(desk.locator("#stakeholders")).to_contain_text("Zoë Quill")
    words = desk.locator("#id_text")
    words.focus()
    desk.keyboard.type("/commander z")
    expect(desk.locator(".people-found [role=option]")).to_have_count(2, timeout=60_000)
    desk.keyboard.press("Escape")
    expect(desk.locator(".people-found [role=option]")).to_have_count(0, timeout=60_000)
    desk.keyboard.type("ac")
    expect(desk.locator(".people-found [role=option]")).to_have_count(1, timeout=60_000)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(words).to_have_value("/commander zack.ames")
    assert Major.objects.count() == 1
    _in_lists(desk, payments)


def _in_lists(desk: Page, payments: Any) -> None:
    made = oncall.create_schedule(actor=SYSTEM, at=timezone.now(), name="Nights", team=payments, zone="UTC")
    desk.goto(f"{made.get_absolute_url()}edit/")
    turns = desk.locator("textarea[name$=-people]").first
    turns.focus()
    for word in ("zoe", "ames"):
        desk.keyboard.type(word)
        expect(desk.locator(".people-found [role=option]")).to_have_count(1, timeout=60_000)
        desk.keyboard.press("ArrowDown")
        desk.keyboard.press("Enter")
        desk.keyboard.type("\n")
    expect(turns).to_have_value("zoe.quill\nzack.ames\n")
    desk.keyboard.type("z")
    expect(desk.locator(".people-found [role=option]")).to_have_count(2, timeout=60_000)
    assert faults(desk) == []
