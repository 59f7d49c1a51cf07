"""Looking at the desk as somebody, on a phone: the word about it stays, and the menu is the bar at the bottom."""

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser

from itsm.accounts.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_menu_leaves_room_for_the_page_on_a_phone(
    chromium: Browser, live_server: Any, admin: User, web: Any
) -> None:
    client = web(admin)
    assert client.post(reverse("roles:look"), {"as": "role:agent"}).status_code == 302
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844})
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto("/")
    assert page.locator(".looking").is_visible()
    menu = page.locator(".side").bounding_box()
    assert menu is not None
    assert menu["height"] < 120
    assert menu["y"] > 700
    context.close()
