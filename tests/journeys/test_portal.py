"""Somebody who only asks, on a phone: from a question to "it works", by touch and by keyboard, in a real Chromium."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from catalog.models import Request, Service
from catalog.requests import operations as requests
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import Team, User
from itsm.announcements import operations as announcements
from itsm.kernel.actors import Actor
from itsm.portal.models import Trace
from itsm.satisfaction.links import token_of
from itsm.satisfaction.models import Survey
from tests.factories.knowledge import a_live_article
from tests.factories.requests import an_item, item_of, question
from tests.journeys.cleanliness import faults
from tests.journeys.conftest import Watched
from tests.journeys.test_hands import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
PICTURES = os.environ.get("PICTURES", "")  # a folder: what was seen, to be looked at


@pytest.fixture
def desk(agent: User, as_actor: Callable[..., Actor], payments: Team, settings: Any, live_server: Any) -> Actor:
    """A small company: a mailbox in trouble, an article, work that is announced."""
    settings.BASE_URL = live_server.url
    desk, now = as_actor(agent), timezone.now()
    mail = Service.objects.create(slug="mail", name="Mailbox", team=payments, description="Letters and calendars")
    for slug, name in (("wifi", "Wireless network"), ("laptop", "Laptops and phones"), ("pay", "Payroll")):
        Service.objects.create(slug=slug, name=name, team=payments)
    a_live_article(title="A swollen battery", symptoms="The laptop gets hot, its case bends", audience=["all"])
    grave = incidents.open_incident(actor=desk, title="Queue manager deadlocked", service=mail, priority=1)
    incidents.acknowledge(grave, actor=desk)
    announcements.publish(
        actor=desk, title="New access points on all floors", kind_of="maintenance", starts_at=now + timedelta(days=1),
        service=Service.objects.get(slug="wifi"), ends_at=now + timedelta(days=1, hours=2),
        body="The network is away for a few minutes at a time. Calls over it may end.",
    )  # fmt: skip
    return desk


@pytest.fixture
def phone(chromium: Browser, desk: Actor, requester: User, live_server: Any) -> Iterator[Watched]:
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    sign_in(context, requester, live_server.url)
    seen = Watched(context.new_page())
    yield seen
    context.close()
    assert seen.wrong == []


def picture(page: Page, name: str) -> None:
    """Kept where somebody asks for pictures, in both themes."""
    if PICTURES:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(
                path=str(Path(PICTURES) / f"{name}-{page.viewport_size['width']}-{scheme}.png"), full_page=True
            )  # type: ignore[index]
        page.emulate_media(color_scheme="light")


def look(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    picture(page, name)
    assert faults(page) == [], name


def test_from_a_question_to_it_works(phone: Watched, desk: Actor, requester: User, as_actor: Any) -> None:
    page = phone.page
    page.goto("/")
    look(page, "home-empty")
    page.get_by_label("What do you need?").fill("laptop gets hot")
    expect(page.locator("#answers a", has_text="A swollen battery")).to_be_visible()
    look(page, "suggestion")
    page.get_by_label("What do you need?").fill("letters")
    expect(page.locator("#answers", has_text="This is known")).to_be_visible()
    page.get_by_label("What do you need?").fill("Keyboard types by itself")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#id_title")).to_have_value("Keyboard types by itself")
    look(page, "ask")
    page.locator("#id_description").fill("Since noon")
    with page.expect_navigation():
        page.get_by_role("button", name="Send").click()
    made = Incident.objects.get(title="Keyboard types by itself")
    assert made.caller_id == requester.pk
    expect(page).to_have_url(f"{page.url.split('/incidents')[0]}{made.get_absolute_url()}")
    incidents.acknowledge(made, actor=desk)
    incidents.reply(made, actor=desk, text="Which desk is it on?")
    incidents.hold(made, actor=desk, hold_reason="caller", reason="A question")
    page.goto("/portal/")
    expect(page.locator(".portal-waits")).to_contain_text("Answer the question")
    look(page, "home")
    page.locator(".portal-waits a").first.click()
    page.locator("#id_text").fill("The one at the window")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#story")).to_contain_text("The one at the window")
    made.refresh_from_db()
    assert made.status == "in_progress"
    incidents.resolve(made, actor=desk, resolution="A new keyboard", resolution_code="solved")
    page.goto(made.get_absolute_url())
    look(page, "record-solved")
    page.get_by_role("button", name="It works").click()
    expect(page.locator("body")).to_contain_text("Closed")
    page.goto("/portal/mine/?tab=over")
    look(page, "mine")


def test_an_item_is_asked_for_on_a_phone_and_what_hangs_on_an_answer_shows_at_once(
    phone: Watched, person: Any, as_actor: Any
) -> None:
    only_for = {"all": [{"field": "kind", "op": "is", "value": "guest"}]}
    item = an_item(
        "badge", name="Badge for a door", summary="Opens the doors that you name", expected_hours=8, keywords=["key"],
        questions=[
            question("kind", "For whom?", "choice", required=True,
                     options=[{"key": "me", "label": "Myself"}, {"key": "guest", "label": "A guest"}]),
            question("guest", "Name of the guest", required=True, show_when=only_for),
        ],
    )  # fmt: skip
    page = phone.page
    page.goto("/portal/")
    page.get_by_label("What do you need?").fill("I need a badge")
    page.locator("#answers a", has_text="Badge for a door").click()
    expect(page.get_by_role("heading", name="Badge for a door")).to_be_visible()
    guest = page.get_by_label("Name of the guest")
    expect(guest).to_be_hidden()
    page.get_by_label("For whom?").select_option("guest")
    expect(guest).to_be_visible()
    look(page, "want")
    guest.fill("Grace")
    page.get_by_role("button", name="Ask for it").click()
    page.wait_for_url("**/requests/REQ-*/")
    made = Request.objects.get()
    look(page, "request")
    requests.fulfil(item_of(made), actor=as_actor(person("agent", item.team, username="fulfiller")))
    page.goto("/portal/")
    expect(page.locator(".portal-waits")).to_contain_text("Say whether it works")
    page.locator(".portal-waits a").first.click()
    page.get_by_role("button", name="It works").click()
    expect(page.get_by_role("button", name="It works")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    page.goto("/portal/")
    expect(page.locator(".portal-waits")).to_have_count(0)
    assert Trace.objects.filter(about="badge", kind_of="begun", asked_at__isnull=False).count() == 1


def test_one_click_of_a_mail_answers_and_words_follow(
    chromium: Browser, desk: Actor, requester: User, as_actor: Any, live_server: Any
) -> None:
    made = incidents.open_incident(actor=as_actor(requester), title="Silent printer")
    incidents.resolve(made, actor=desk, resolution="Plugged in", resolution_code="solved")
    survey = Survey.objects.get()
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 360, "height": 740})
    seen = Watched(context.new_page())
    page = seen.page
    page.goto(f"/feedback/{token_of(survey)}/")
    look(page, "feedback")
    page.goto(f"/feedback/{token_of(survey)}/fair/")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    look(page, "feedback-thanks")
    page.get_by_label("Anything to add?").fill("Slow, but kind")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("main")).to_contain_text("You may close this page")
    survey.refresh_from_db()
    assert (survey.score, survey.comment) == ("fair", "Slow, but kind")
    context.close()
    assert seen.wrong == []


def test_by_keyboard_alone_answers_are_reached_and_counted(phone: Watched) -> None:
    page = phone.page
    page.goto("/portal/")
    page.get_by_label("What do you need?").focus()
    page.keyboard.type("battery")
    expect(page.locator("#answers a")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#answers a").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("What do you need?")).to_be_focused()
    page.keyboard.press("ArrowDown")
    with page.expect_request("**/portal/traces/"):
        page.keyboard.press("Enter")
    page.wait_for_url("**/knowledge/**")
    for _try in range(200):  # it outlives the page, which waits for no answer to it
        if Trace.objects.exists():
            break
        page.wait_for_timeout(50)
    assert Trace.objects.get().kind_of == "opened"


def test_it_is_installed_as_an_app_and_says_so_without_a_network(phone: Watched) -> None:
    page = phone.page
    page.goto("/portal/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    debugger = page.context.new_cdp_session(page)
    reasons = [one["errorId"] for one in debugger.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert [one for one in reasons if one not in {"in-incognito"}] == []
    assert debugger.send("Page.getAppManifest")["errors"] == []
    page.reload()
    page.context.set_offline(True)
    page.goto("/portal/mine/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    picture(page, "offline")
    kept = page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((one) => one.keys()))))"
        ".then((all) => all.flat().map((request) => new URL(request.url).pathname))"
    )
    assert sorted(one.rsplit("/", 1)[-1].split(".")[0] for one in kept) == ["", "mark", "offline"]
    page.context.set_offline(False)
    page.goto("/portal/")
    expect(page.get_by_role("heading", name="What do you need?")).to_be_visible()


@pytest.mark.skipif(not PICTURES, reason="pictures to look at: PICTURES names a folder")
def test_pictures_of_wide_pages(
    chromium: Browser, desk: Actor, requester: User, manager: User, as_actor: Any, live_server: Any
) -> None:
    for number in range(11):
        incidents.open_incident(actor=as_actor(requester), title=f"Something that does not work as it should {number}")
    for who, paths in (
        (requester, {"home": "/portal/", "status": "/portal/status/", "mine": "/portal/mine/", "ask": "/portal/ask/"}),
        (manager, {
            "announcements": "/portal/announcements/", "announce": "/portal/announcements/new/",
            "satisfaction": "/reports/satisfaction/", "portal-report": "/reports/portal/", "desk": "/",
            "announcement": "/portal/announcements/ANN-00001/", "reports": "/reports/",
        }),
    ):  # fmt: skip
        for width in (1440, 390):
            context = chromium.new_context(base_url=live_server.url, viewport={"width": width, "height": 900})
            sign_in(context, who, live_server.url)
            page = context.new_page()
            for name, path in paths.items():
                page.goto(path)
                page.wait_for_load_state("networkidle")
                picture(page, f"{who}-{name}")
            context.close()
