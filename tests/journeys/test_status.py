"""The public status page in a browser: axe clean, no violation of its policy, at every width, in light and dark; a
stranger subscribes by the keyboard alone."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from itsm.statuspage import snapshot, tokens
from itsm.statuspage.models import Subscriber
from itsm.statuspage.operations import keeping, notices
from itsm.statuspage.operations.maintenance import plan_maintenance
from tests.journeys.cleanliness import faults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def larkspur(live_server: Any, settings: Any, tmp_path: Path, manager: Any, as_actor: Any) -> Any:
    """A page with trouble, planned work and words from right to left."""
    settings.STATUS_DIR, settings.BASE_URL = str(tmp_path / "status"), live_server.url
    actor, at = as_actor(manager), timezone.now()
    page = keeping.create_page(actor=actor, name="Larkspur", slug="larkspur", about="The shop and all around it.")
    parts = [
        keeping.add_component(page, actor=actor, at=at - timedelta(days=70), name=name, group="Buying", about=about)
        for name, about in (("Shop", ""), ("البحث", "ابحث عن المنتجات"), ("Supercalifragilistic" * 3, "A long name"))
    ]
    told = notices.publish(
        page, actor=actor, at=at, title="Payments fail", body="We look into it.\n\nMore soon.",
        states={parts[0].pk: "major_outage", parts[1].pk: "partial_outage"}, next_update_at=at + timedelta(minutes=30),
    )  # fmt: skip
    plan_maintenance(
        page, actor=actor, at=at, title="New disks", body="Short.", components=[parts[2].pk],
        starts_at=at + timedelta(days=1), ends_at=at + timedelta(days=1, hours=1),
    )  # fmt: skip
    keeping.create_page(actor=actor, name="Empty", slug="empty")
    snapshot.build()
    return told


def test_every_public_page_is_clean_and_a_stranger_subscribes(
    larkspur: Any, live_server: Any, chromium: Browser
) -> None:
    found: list[str] = []
    paths = [
        "", "larkspur/", "larkspur/history/", "larkspur/uptime/", "larkspur/subscribe/", "empty/", "no-such/",
        f"larkspur/incidents/{larkspur.code}/", "confirm/aaaaaaaaaa/",
    ]  # fmt: skip
    for width, dark in ((1440, False), (390, True), (390, False)):
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        page = context.new_page()
        page.on("console", lambda said: found.append(said.text) if "Content Security" in said.text else None)
        page.on("pageerror", lambda error: found.append(str(error)))
        for path in paths:
            page.goto(f"/status/{path}")
            found.extend(f"/status/{path} at {width}: {fault}" for fault in faults(page))
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/{path.replace('/', '-')}{width}-{dark}.png", full_page=True)
        assert context.cookies() == []
        context.close()
    assert found == []
    assert b"Nothing is shown here yet" in snapshot.public_files(timezone.now())["empty/"].body
    _subscribes(chromium, live_server)


def _subscribes(chromium: Browser, live_server: Any) -> None:
    page = chromium.new_page(base_url=live_server.url)
    page.goto("/status/larkspur/subscribe/")
    page.focus("#address")
    page.keyboard.type("ann@example.org")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status].note")
    waiting = Subscriber.objects.get(address="ann@example.org")
    page.goto(f"/status/confirm/{tokens.confirmation(waiting)}/")
    page.focus("button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You are told from now on")
    page.close()
    waiting.refresh_from_db()
    assert waiting.confirmed_at is not None
