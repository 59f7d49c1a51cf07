"""A desk by keyboard alone, with a real Chromium: ten tickets in at most forty keys, and no key waits for the server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from incidents.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Door
from itsm.macros.operations import create_macro
from itsm.mail.models import UndeliverableAddress
from tests.journeys.conftest import Watched
from tests.journeys.test_hands import sign_in
from tests.journeys.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

Open = Callable[..., Any]


@pytest.fixture
def opened(chromium: Browser, live_server: Any, settings: Any) -> Open:
    """`with opened(agent) as page`: signed in; fails on any script error or CSP violation."""
    settings.BASE_URL = live_server.url

    @contextmanager
    def open_for(user: User) -> Iterator[Page]:
        context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
        sign_in(context, user, live_server.url)
        seen = Watched(context.new_page())
        seen.page.set_default_timeout(15_000)
        yield seen.page
        seen.page.wait_for_load_state("networkidle")
        context.close()
        assert seen.wrong == []

    return open_for


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", "a long enough password", roles=["agent"], name="Ada")


@pytest.fixture
def ten(ada: User) -> list[Incident]:
    """Ten new ones in Ada's queue, which she works through from the first; and a queue to move them to."""
    desk = Team.objects.create(slug="desk", name="Desk", takes_work=True)
    Team.objects.create(slug="network", name="Network", takes_work=True)
    Team.objects.create(slug="norway", name="Norway", takes_work=True)
    Membership.objects.create(user=ada, team=desk)
    return [
        Incident.objects.create(title=f"Ticket {n}", team=desk, opened_at=timezone.now(), caller=ada) for n in range(10)
    ]


def test_ten_tickets_take_at_most_forty_keys(opened: Open, ada: User, ten: list[Incident]) -> None:
    """Four are taken, three moved, two given a priority, and what a macro says is done to the last."""
    create_macro(
        actor=actor_for(ada, Door.WEB), record_kind="incident", name="Work on it",
        actions=[{"kind": "assignee", "value": "me"}, {"kind": "step", "value": {"step": "acknowledge"}}],
    )  # fmt: skip
    keys = [*["j", "a"] * 4, *["j", "t", "n", "e", "Enter"] * 3, *["j", "p", "1"] * 2]
    keys += ["j", "m", "w", "Enter", "Control+Enter"]
    assert len(keys) <= 40
    with opened(ada) as page:
        page.goto("/incidents/?tab=team")
        page.evaluate("window.pressed = 0; addEventListener('keydown', () => { window.pressed += 1; }, true)")
        for key in keys:
            page.keyboard.press(key)
        pressed = len(keys) + 1  # the last one holds Control down
        until(page, "most => window.pressed >= most", pressed)  # they queue where the machine is busy
        assert page.evaluate("window.pressed") == pressed
        expect(page.locator("[data-row].is-sending")).to_have_count(0)
        expect(page.locator("[data-row].is-refused")).to_have_count(0)
        expect(page.locator("[data-row]", has_text="In progress")).to_have_count(1)
    now = list(Incident.objects.order_by("pk").values_list("assigned_to__username", "team__slug", "priority", "status"))
    assert now[:4] == [("ada", "desk", 3, "new")] * 4
    assert now[4:7] == [(None, "network", 3, "new")] * 3
    assert now[7:9] == [(None, "desk", 1, "new")] * 2
    assert now[9] == ("ada", "desk", 3, "in_progress")


def test_the_cursor_is_free_before_the_server_answers_and_a_refusal_marks_its_row(
    opened: Open, ada: User, ten: list[Incident]
) -> None:
    held: list[Route] = []
    with opened(ada) as page:
        page.goto("/incidents/?tab=team")
        Incident.objects.filter(pk=ten[0].pk).update(version=7, title="Changed by Bo")
        page.route("**/row/", lambda route: held.append(route))
        for key in ("j", "a", "j"):
            page.keyboard.press(key)
        first, second = (page.locator(f"[data-row='{one.reference}']") for one in ten[:2])
        expect(first).to_have_class("is-sending")
        expect(second).to_have_class("is-here")
        assert len(held) == 1
        held[0].continue_()
        expect(first).to_have_class("is-refused")
        expect(first).to_contain_text("you read version 1")
        expect(second).to_have_class("is-here")


def test_what_is_selected_is_done_to_all(opened: Open, ada: User, ten: list[Incident]) -> None:
    with opened(ada) as page:
        page.goto("/incidents/?tab=team")
        for box in page.locator("[data-row] input[type=checkbox]").all()[:3]:
            box.check()
        page.get_by_role("button", name="Take").click()
        expect(page.locator("[data-row]", has_text="Ada")).to_have_count(3)
        for box in page.locator("[data-row] input[type=checkbox]").all()[:3]:
            box.check()
        page.get_by_role("button", name="Note…").click()
        sheet = page.get_by_role("dialog", name="Note: 3")
        expect(sheet.locator("textarea")).to_be_visible()
        page.keyboard.press("Escape")
        page.locator(".bulk-bar summary").click()
        page.get_by_role("button", name="Start work").click()
        expect(page.locator("[data-bulk-result]")).to_contain_text("Start work: 3 of 3 done")
    assert Incident.objects.filter(status="in_progress").count() == 3
    assert Incident.objects.filter(assigned_to=ada).count() == 3


def test_rows_are_selected_as_fast_as_one_types(opened: Open, ada: User, ten: list[Incident]) -> None:
    with opened(ada) as page:
        page.goto("/incidents/?tab=team")
        expect(page.locator("[data-row]")).to_have_count(10)
        for key in "jxjx":
            page.keyboard.press(key)
        expect(page.locator(".pick input:checked")).to_have_count(2)


def test_a_word_typed_by_mistake_does_nothing_to_a_list(opened: Open, ada: User, ten: list[Incident]) -> None:
    with opened(ada) as page:
        page.goto("/incidents/?tab=team")
        page.keyboard.type("pat p1 atta")
        page.wait_for_timeout(600)
    assert not Incident.objects.exclude(assigned_to=None, priority=3).exists()


def test_a_key_that_each_row_has_is_meant_of_the_row_one_is_on(opened: Open, ada: User) -> None:
    for n in range(3):
        UndeliverableAddress.objects.create(
            address=f"bo{n}@example.org", since=timezone.now(), code="5.1.1", reason="x"
        )
    with opened(ada) as page:
        page.goto("/mail/undeliverable/")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("l")
        expect(page.locator("[data-row]").nth(1).get_by_role("button")).to_be_focused()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    lifted = UndeliverableAddress.objects.exclude(lifted_at=None)
    assert [one.address for one in lifted] == ["bo1@example.org"]
