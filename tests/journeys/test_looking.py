"""Looking at the desk as somebody, on a phone: the word about it stays, and the menu is the bar at the bottom."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page

from itsm.accounts.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def looks(chromium: Browser, live_server: Any, admin: User, web: Any) -> Iterator[Callable[[int, int], Page]]:
    """The desk as an agent sees it, in a window of this width and height."""
    client = web(admin)
    assert client.post(reverse("roles:look"), {"as": "role:agent"}).status_code == 302
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with ExitStack() as opened:

        def look(width: int, height: int) -> Page:
            context = chromium.new_context(base_url=live_server.url, viewport={"width": width, "height": height})
            opened.callback(context.close)
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
            page = context.new_page()
            page.goto("/")
            return page

        yield look


def test_the_menu_leaves_room_for_the_page_on_a_phone(looks: Callable[[int, int], Page]) -> None:
    page = looks(390, 844)
    assert page.locator(".looking").is_visible()
    menu = page.locator(".side").bounding_box()
    assert menu is not None
    assert menu["height"] < 120
    assert menu["y"] > 700


@pytest.mark.parametrize("width", [390, 1100])
def test_the_word_about_it_stays_in_view_however_far_one_scrolls(looks: Callable[[int, int], Page], width: int) -> None:
    page = looks(width, 200)
    page.evaluate("document.getElementById('main').style.minHeight = '2000px'; window.scrollTo(0, 1000)")
    assert page.evaluate("window.scrollY") == 1000
    word, menu = (page.locator(one).bounding_box() for one in (".looking", ".side"))
    assert word is not None
    assert menu is not None
    assert word["y"] == 0
    assert width < 800 or menu["y"] >= word["height"], "nor does it cover the menu"
