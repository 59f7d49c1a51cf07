"""A desk that stays true while one works, with a real Chromium: nothing moves under the hands, nothing typed is lost."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.work import presence
from tests.journeys.cleanliness import faults
from tests.journeys.test_desk_keys import ada, opened  # noqa: F401 -- fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(presence, "_PATIENCE", 10)
    monkeypatch.setattr(presence, "_rests_until", {"at": 0.0})
    presence._client.cache_clear()
    presence._client().flushdb()
    yield
    presence._client.cache_clear()


@pytest.fixture
def desk(ada: User) -> Team:  # noqa: F811
    team = Team.objects.create(slug="desk", name="Desk", takes_work=True)
    Membership.objects.create(user=ada, team=team)
    return team


@pytest.fixture
def bo(desk: Team) -> User:
    made = User.objects.create_user("bo", "a long enough password", roles=["agent"], name="Bo")
    Membership.objects.create(user=made, team=desk)
    return made


@pytest.fixture
def cleo(db: None) -> User:
    return User.objects.create_user("cleo", "a long enough password", roles=["requester"], name="Cleo")


@pytest.fixture
def twelve(desk: Team, cleo: User) -> list[Incident]:
    now = timezone.now()
    return [Incident.objects.create(title=f"Ticket {n}", team=desk, opened_at=now, caller=cleo) for n in range(12)]


def look(page: Page) -> None:
    """What happens every 15 seconds, now, and until its answer is there."""
    with page.expect_response(lambda answer: answer.url.partition("?")[0].endswith(("/fresh/", "/look/"))) as heard:
        page.evaluate("document.dispatchEvent(new Event('headroom:look'))")
    heard.value.finished()
    page.wait_for_timeout(30)


def line(page: Page, incident: Incident) -> Any:
    return page.locator(f"[data-row='{incident.reference}']")


def test_fifty_changes_leave_focus_menu_selection_and_scroll(
    opened: Open,  # noqa: F811
    ada: User,  # noqa: F811
    bo: User,
    twelve: list[Incident],
    as_actor: Any,
) -> None:
    actor = as_actor(bo)
    with opened(ada) as page:
        page.set_viewport_size({"width": 1440, "height": 420})
        page.goto("/incidents/?tab=team")
        for key in ("j", "j", "j"):
            page.keyboard.press(key)
        line(page, twelve[5]).locator("input").check()
        page.evaluate("scrollTo(0, 120)")
        line(page, twelve[2]).locator("a.title").focus()
        order = page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)")
        scroll = page.evaluate("scrollY")
        for n in range(50):
            one = Incident.objects.get(pk=twelve[n % 12].pk)
            operations.edit(one, actor=actor, version=one.version, title=f"Changed {n}")
            if n % 10 == 9:
                look(page)
            assert page.evaluate("scrollY") == scroll
        assert page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)") == order
        expect(line(page, twelve[2]).locator("a.title")).to_be_focused()
        expect(line(page, twelve[2])).to_have_class("is-here")
        expect(line(page, twelve[2])).to_contain_text("Ticket 2")
        expect(line(page, twelve[2])).to_contain_text("changed")
        expect(line(page, twelve[5]).locator("input")).to_be_checked()
        expect(line(page, twelve[5])).to_contain_text("Ticket 5")
        expect(line(page, twelve[7])).to_contain_text("Changed 43")
        assert faults(page) == []


def test_what_came_waits_for_its_key(opened: Open, ada: User, bo: User, twelve: list[Incident]) -> None:  # noqa: F811
    with opened(ada) as page:
        page.goto("/incidents/?tab=team")
        page.keyboard.press("j")
        twelve[3].__class__.objects.create(title="Just came", team=twelve[0].team, opened_at=timezone.now(), priority=1)
        look(page)
        expect(page.get_by_role("button", name="1 new")).to_be_visible()
        expect(page.get_by_text("Just came")).to_have_count(0)
        page.keyboard.press("u")
        expect(page.get_by_text("Just came")).to_be_visible()
        expect(line(page, twelve[0])).to_have_class("is-here")
        expect(page.locator("[data-came]")).to_be_hidden()


def test_a_hidden_tab_asks_nothing(opened: Open, ada: User, twelve: list[Incident]) -> None:  # noqa: F811
    with opened(ada) as page:
        asked: list[str] = []
        page.clock.install()
        page.goto("/incidents/?tab=team")
        page.on("request", lambda request: asked.append(request.url) if "/fresh/" in request.url else None)
        page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})")
        page.clock.run_for(120_000)
        assert asked == []
        page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'visible'})")
        with page.expect_response("**/fresh/**"):
            page.clock.run_for(16_000)


def test_a_callers_reply_arrives_while_an_agent_writes_and_nothing_typed_is_lost(
    opened: Open,  # noqa: F811
    ada: User,  # noqa: F811
    bo: User,
    cleo: User,
    twelve: list[Incident],
    as_actor: Any,
) -> None:
    record = twelve[0]
    presence.say_here("incident", record.pk, as_actor(bo), writes=True)
    with opened(ada) as page:
        page.goto(record.get_absolute_url())
        expect(page.locator("[data-here]")).to_have_text("Bo writes")
        page.keyboard.press("r")
        expect(page.locator("#id_text")).to_be_focused()
        page.keyboard.type("Have you tried")
        with opened(cleo) as hers:
            hers.goto(record.get_absolute_url())
            expect(hers.locator("[data-here]")).to_have_text("")
            hers.fill("#id_text", "It works again.")
            hers.get_by_role("button", name="Send").click()
            expect(hers.locator(".story")).to_contain_text("It works again.")
        look(page)
        expect(page.locator(".story li.is-new")).to_contain_text("It works again.")
        expect(page.locator("#id_text")).to_have_value("Have you tried")
        expect(page.locator("#id_text")).to_be_focused()
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("Cleo answered meanwhile")).to_be_visible()
        expect(page.locator("#id_text")).to_have_value("Have you tried")
        assert faults(page) == []


def test_a_refused_key_gives_the_old_value_back(opened: Open, ada: User, twelve: list[Incident]) -> None:  # noqa: F811
    held: list[Any] = []
    with opened(ada) as page:
        page.goto("/incidents/?tab=team")
        Incident.objects.filter(pk=twelve[0].pk).update(version=7)
        page.route("**/row/", lambda route: held.append(route))
        for key in ("j", "p", "1"):
            page.keyboard.press(key)
        expect(line(page, twelve[0]).locator(".wanted")).to_be_visible()
        held[0].continue_()
        expect(line(page, twelve[0])).to_have_class("is-here is-refused")
        expect(line(page, twelve[0]).locator(".wanted")).to_have_count(0)
        expect(line(page, twelve[0])).to_contain_text("P3")


def test_every_key_of_the_record_has_a_visible_twin_and_is_listed(
    opened: Open,  # noqa: F811
    ada: User,  # noqa: F811
    bo: User,
    twelve: list[Incident],
    as_actor: Any,
) -> None:
    sought = operations.open_incident(actor=as_actor(bo), title="Sought", team=twelve[0].team)
    with opened(ada) as page:
        page.goto("/incidents/?tab=team")
        listed = "[...document.querySelectorAll('[data-key]')].filter(one => one.getClientRects().length)"
        keys = page.evaluate(f"{listed}.map(one => one.dataset.key)")
        assert {"a", "A", "p 1", "p 5", "t", "s", "r", "n", "f", "v"} <= set(keys)
        page.goto(twelve[0].get_absolute_url())
        expect(page.locator("[data-key=l]")).to_be_visible()
        keys = page.evaluate(f"{listed}.map(one => one.dataset.key)")
        assert {"s", "r", "n", "e", "w", "l"} <= set(keys)
        page.keyboard.press("s")
        expect(page.locator("#next-steps :is(a, button)").first).to_be_focused()
        page.locator("body").press(":")
        page.keyboard.type(sought.reference.lower())
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{sought.get_absolute_url()}")
