"""Hands on every page, with a real Chromium: nothing that was written is lost, nothing is made twice."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from incidents.incident.operations import open_incident
from incidents.models import Incident, Priority
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Door
from itsm.work import saved_views
from itsm.work.models import Note
from tests.factories.changes import a_measured_service, ask
from tests.journeys.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

Open = Callable[..., Any]


@pytest.fixture
def opened(chromium: Browser, live_server: Any, settings: Any) -> Open:
    """`with opened(agent) as page`: signed in without the form; fails on any script error or CSP violation."""
    settings.BASE_URL = live_server.url

    @contextmanager
    def open_for(user: User, **more: Any) -> Iterator[Page]:
        context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900}, **more)
        sign_in(context, user, live_server.url)
        seen = Watched(context.new_page())
        seen.page.set_default_timeout(15_000)
        yield seen.page
        seen.page.wait_for_load_state("networkidle")  # an answer under way would hold its database connection
        context.close()
        assert seen.wrong == []

    return open_for


def sign_in(context: Any, user: User, url: str) -> None:
    client = Client()
    client.force_login(user, backend="itsm.accounts.backends.PeopleOnly")
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def end_session(page: Page) -> None:
    page.context.clear_cookies(name=django_settings.SESSION_COOKIE_NAME)


def signs_in(page: Page, name: str) -> None:
    page.fill("#id_username", name)
    page.fill("#id_password", "a long enough password")
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", "a long enough password", roles=["agent"], name="Ada")


@pytest.fixture
def incident(ada: User, as_actor: Any) -> Incident:
    return open_incident(actor=as_actor(ada), title="Checkout is slow", priority=Priority.HIGH)


def test_what_was_written_when_the_session_ended_is_there_after_signing_in(
    opened: Open, ada: User, incident: Incident
) -> None:
    record = incident.get_absolute_url()
    with opened(ada) as page:
        page.goto("/incidents/")
        page.get_by_role("link", name="Checkout is slow").click()
        page.fill("textarea[name=text]", "The second node does not answer.")
        end_session(page)
        page.get_by_role("button", name="Note for the team").click()
        page.wait_for_url("**/sign-in/**")
        signs_in(page, "ada")
        page.wait_for_url(f"**{record}")
        expect(page.locator("textarea[name=text]")).to_have_value("The second node does not answer.")
        page.get_by_role("button", name="Note for the team").click()
        expect(page.locator("#story")).to_contain_text("The second node does not answer.")
        expect(page.locator("textarea[name=text]")).to_have_value("")
        page.go_back()
        page.wait_for_url("**/incidents/")  # one step back is the list
    assert Note.objects.count() == 1


def test_a_dialog_is_open_again_with_its_words(opened: Open, ada: User, incident: Incident) -> None:
    with opened(ada) as page:
        page.goto(incident.get_absolute_url())
        page.locator("[data-opens=step-cancel]").click()
        page.locator("dialog[open] select").select_option("withdrawn")
        page.locator("dialog[open] textarea").fill("It was a test.")
        end_session(page)
        page.locator("dialog[open]").get_by_role("button", name="Cancel").click()
        page.wait_for_url("**/sign-in/**")
        signs_in(page, "ada")
        expect(page.locator("dialog[open] textarea")).to_have_value("It was a test.")
        expect(page.locator("dialog[open] select")).to_have_value("withdrawn")


def test_nobody_else_on_this_browser_sees_it(
    opened: Open, ada: User, incident: Incident, agent: User, live_server: Any
) -> None:
    record = incident.get_absolute_url()
    with opened(ada) as page:
        page.goto(record)
        page.fill("textarea[name=text]", "Between us.")
        end_session(page)
        sign_in(page.context, agent, live_server.url)
        page.goto(record)
        expect(page.locator("textarea[name=text]")).to_have_value("")
        assert "Between us." not in page.evaluate("JSON.stringify({...sessionStorage})")


def test_signing_out_leaves_nothing_behind(opened: Open, ada: User, incident: Incident) -> None:
    with opened(ada) as page:
        page.goto(incident.get_absolute_url())
        page.fill("textarea[name=text]", "Between us.")
        page.locator(".tool-me").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in/")
        assert "Between us." not in page.evaluate("JSON.stringify({...sessionStorage})")


def test_without_a_network_nothing_is_lost_and_one_try_again_sends_it_once(
    opened: Open, ada: User, incident: Incident
) -> None:
    with opened(ada) as page:
        page.goto(incident.get_absolute_url())
        page.fill("textarea[name=text]", "Written in a tunnel.")
        page.context.set_offline(True)
        page.get_by_role("button", name="Note for the team").click()
        again = page.get_by_role("button", name="Try again")
        expect(again).to_be_visible()
        expect(page.locator("textarea[name=text]")).to_have_value("Written in a tunnel.")
        page.context.set_offline(False)
        again.click()
        expect(page.locator("#story")).to_contain_text("Written in a tunnel.")
    assert Note.objects.count() == 1


def test_a_field_edited_in_place_shows_only_what_is_saved(
    opened: Open, ada: User, incident: Incident, as_actor: Any
) -> None:
    with opened(ada) as page:
        page.goto(incident.get_absolute_url())
        priority = page.locator("select[name=priority]")
        page.context.set_offline(True)
        priority.select_option("4")
        again = page.get_by_role("button", name="Try again")
        expect(again).to_be_visible()
        expect(priority).to_have_value("2")
        page.context.set_offline(False)
        again.click()
        expect(page.locator("#consequence")).to_contain_text("P4")
        expect(priority).to_have_value("4")
        page.route("**/edit/", lambda route: route.fulfill(status=500, body="broken"))
        priority.select_option("1")
        expect(page.get_by_text("That was our fault")).to_be_visible()
        expect(priority).to_have_value("4")


@pytest.mark.parametrize("rhythm", ["double click", "enter and click", "ctrl enter twice"])
def test_one_submit_is_one_record(rhythm: str, opened: Open, ada: User) -> None:
    with opened(ada) as page:
        page.goto("/incidents/new/")
        page.fill("#id_title", "Checkout is slow")
        report = page.get_by_role("button", name="Report")
        if rhythm == "double click":
            report.dblclick()
        elif rhythm == "enter and click":
            report.evaluate("button => { button.form.requestSubmit(); button.click(); }")
        else:
            page.focus("#id_description")
            page.keyboard.press("Control+Enter")
            page.keyboard.press("Control+Enter")
        page.wait_for_url("**/incidents/INC-**")
    assert Incident.objects.count() == 1


def test_back_and_submit_again_leads_to_the_same_record_and_other_words_are_asked_about(
    opened: Open, ada: User
) -> None:
    with opened(ada) as page:
        page.goto("/incidents/new/")
        page.fill("#id_title", "Checkout is slow")
        token = page.locator("main [name=form_token]").input_value()
        page.get_by_role("button", name="Report").click()
        page.wait_for_url("**/incidents/INC-**")
        made = page.url
        # The browser may bring the very page back: the same form with the same token.
        page.goto("/incidents/new/")
        page.fill("#id_title", "Checkout is slow")
        page.evaluate("token => document.querySelector('main [name=form_token]').value = token", token)
        page.get_by_role("button", name="Report").click()
        page.wait_for_url(made)
        page.goto("/incidents/new/")
        page.fill("#id_title", "Search is slow")
        page.evaluate("token => document.querySelector('main [name=form_token]').value = token", token)
        page.get_by_role("button", name="Report").click()
        expect(page.get_by_text("This form was sent before")).to_be_visible()
        expect(page.locator("#id_title")).to_have_value("Search is slow")
        assert Incident.objects.count() == 1
        page.get_by_role("button", name="Send it as another one").click()
        page.wait_for_url("**/incidents/INC-**")
    assert Incident.objects.count() == 2


def test_a_change_is_moved_by_keys_and_nobody_agrees_to_a_time_they_have_not_read(
    opened: Open, person: Any, as_actor: Any
) -> None:
    author, now = person("engineer", username="author"), timezone.now()
    begins = (now + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    change = ask(
        a_measured_service(at=now), as_actor(author), at=now, window=(begins, begins + timedelta(hours=1))
    ).change  # fmt: skip
    with opened(author) as page:
        page.goto(f"/changes/calendar/week/?on={begins:%Y-%m-%d}")
        page.locator("[data-moves]").click()
        start = page.locator("#mover input[name=start]")
        expect(page.locator("#mover [data-confirms]")).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(start).to_have_value(re.compile(r"T\d\d:15:00"))
        expect(page.locator("#mover [data-confirms]")).to_be_focused()
        # Faster than any answer: each arrow counts, and Enter waits until the time is shown.
        taken = page.evaluate(
            """() => ["ArrowDown", "ArrowDown", "Enter"].map((key) => !document.activeElement.dispatchEvent(
                new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))"""
        )
        assert taken == [True, True, True]
        expect(start).to_have_value(re.compile(r"T\d\d:45:00"))
        change.refresh_from_db()
        assert change.window_start == begins
        expect(page.locator("#mover [data-confirms]")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_text("has its time")).to_be_visible()
        change.refresh_from_db()
    assert change.window_start == begins + timedelta(minutes=45)


@pytest.fixture
def queue(ada: User, as_actor: Any) -> list[Incident]:
    return [open_incident(actor=as_actor(ada), title=f"Fault {number}") for number in range(1, 61)]


def heard(page: Page) -> None:
    page.wait_for_timeout(600)  # longer than a letter waits for company


def test_a_word_typed_by_mistake_does_nothing(opened: Open, ada: User, incident: Incident) -> None:
    with opened(ada) as page:
        page.goto(incident.get_absolute_url())
        before = page.content()
        for word in ("agent", "cannot", "decline", "good", "a cat"):
            page.keyboard.type(word, delay=40)
            heard(page)
            assert page.url.endswith(incident.get_absolute_url()), word
            assert page.evaluate("document.activeElement.tagName") == "BODY", word
        assert page.locator("dialog[open]").count() == 0
        assert page.content().count("<dialog") == before.count("<dialog")
    incident.refresh_from_db()
    assert incident.assigned_to_id is None


def test_a_key_that_writes_asks_for_enter(opened: Open, ada: User, incident: Incident) -> None:
    with opened(ada) as page:
        page.goto(incident.get_absolute_url())
        page.keyboard.press("a")
        expect(page.locator("#key-line")).to_contain_text("Assign to me")
        incident.refresh_from_db()
        assert incident.assigned_to_id is None
        page.keyboard.press("Escape")
        expect(page.locator("#key-line")).to_be_hidden()
        heard(page)
        page.keyboard.press("a")
        expect(page.locator("#key-line")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("#consequence")).to_contain_text("Ada has it")
        expect(page.locator("#next-steps ~ #due ~ .card .facts")).to_be_visible()
        expect(page.locator("#due #clocks")).to_be_visible()  # between steps and facts, also after an edit
    incident.refresh_from_db()
    assert incident.assigned_to_id == ada.pk


def test_columns_are_moved_by_buttons_and_parts_of_a_macro_come_by_one(opened: Open, ada: User) -> None:
    with opened(ada) as page:
        page.goto("/incidents/columns/")
        page.get_by_role("button", name="Move Title up").click()
        page.get_by_role("button", name="Take Age away").click()
        page.get_by_role("button", name="Show Caller").click()
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url("**/incidents/")
        page.goto("/macros/add/")
        assert page.locator(".macro-part:visible").count() == 1
        page.get_by_role("button", name="Add a part").click()
        assert page.locator(".macro-part:visible").count() == 2
        assert page.evaluate("document.activeElement.name") == "a1-kind"
    drawn = saved_views.arranged_by(actor_for(ada, Door.WEB), "incident").columns[None]
    assert drawn == ["due", "title", "ref", "service", "priority", "state", "team", "assigned", "caller"]


def test_keys_are_ones_own_or_none(opened: Open, ada: User, incident: Incident) -> None:
    with opened(ada) as page:
        page.goto("/keys/")
        page.get_by_label("Assign to me; approve").fill("y")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.goto(incident.get_absolute_url())
        page.keyboard.press("a")
        heard(page)
        expect(page.locator("#key-line")).to_be_hidden()
        page.keyboard.press("y")
        expect(page.locator("#key-line")).to_contain_text("Assign to me")
        page.goto("/keys/")
        page.get_by_label("Single keys do something").uncheck()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.goto(incident.get_absolute_url())
        for key in ("y", "/", "?", ".", "e", "j"):
            page.keyboard.press(key)
            heard(page)
        assert page.evaluate("document.activeElement.tagName") == "BODY"
        assert page.locator("dialog[open]").count() == 0
        assert page.url.endswith(incident.get_absolute_url())
        expect(page.locator(".side [data-cap]").first).to_be_hidden()


def test_a_dot_opens_everything_that_can_be_done(opened: Open, ada: User, incident: Incident) -> None:
    with opened(ada) as page:
        page.goto(incident.get_absolute_url())
        page.keyboard.press(".")
        expect(page.locator("#palette")).to_be_visible()
        page.keyboard.type("cancel")
        expect(page.locator("#palette [role=option]")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.locator("#step-cancel")).to_be_visible()


def test_back_leads_to_the_same_list_and_row_however_many_records_were_looked_at(
    opened: Open, ada: User, queue: list[Incident]
) -> None:
    with opened(ada) as page:
        page.goto("/")
        page.goto("/incidents/?tab=all&text=Fault&priority=3")
        page.get_by_role("link", name="Fault 20", exact=True).click()
        page.wait_for_url(f"**{queue[19].get_absolute_url()}")
        turn = page.locator("[data-turn]")
        expect(turn).to_contain_text("41 of 50+")
        page.keyboard.press("j")
        page.wait_for_url(f"**{queue[18].get_absolute_url()}")
        page.locator("[data-turn] [rel=next]").click()
        page.wait_for_url(f"**{queue[17].get_absolute_url()}")
        page.fill("textarea[name=text]", "Looked at it.")
        page.get_by_role("button", name="Note for the team").click()
        expect(page.locator("#story")).to_contain_text("Looked at it.")
        page.go_back()
        page.wait_for_url("**/incidents/?tab=all&text=Fault&priority=3")
        expect(page.locator("[data-row].is-here")).to_contain_text("Fault 18")
        assert page.evaluate("document.activeElement.textContent") == "Fault 18"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") < 900
        page.go_back()
        page.wait_for_url(lambda url: url.endswith("/"))


def test_the_next_record_goes_over_the_edge_of_a_page(opened: Open, ada: User, queue: list[Incident]) -> None:
    with opened(ada) as page:
        page.goto("/incidents/?tab=all")
        page.get_by_role("link", name="Fault 11", exact=True).click()
        page.wait_for_url(f"**{queue[10].get_absolute_url()}")
        page.locator("[data-turn] [rel=next]").click()
        page.wait_for_url(f"**{queue[9].get_absolute_url()}")
        expect(page.locator("[data-turn]")).to_contain_text("1 of 10")
        page.locator("[data-turn-back]").click()
        page.wait_for_url("**/incidents/?tab=all&after=**")
        expect(page.locator("[data-row].is-here")).to_contain_text("Fault 10")
