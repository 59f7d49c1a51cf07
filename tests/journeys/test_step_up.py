"""Who must show once more who they are, in the middle of writing, finds what they wrote: in Chromium, to the end."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from changes.change.views import record, steps
from changes.models import Change
from incidents.incident import operations as incidents
from itsm.accounts.models import OwnRole, Session, User
from itsm.approvals.models import ApprovalDecision
from itsm.kernel.actors import Actor
from itsm.roles import views as roles
from tests.factories.changes import a_measured_service, ask, change_of
from tests.journeys.conftest import Watched
from tests.journeys.test_hands import sign_in
from tests.journeys.test_second_factors import stale_proof
from tests.journeys.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

WORD = "correct horse battery"
# Several lines, as somebody writes who answers for it; letters of other scripts among them.
WORDS = "\n".join(
    f"{n}. Seen by Zoë and 山田: the disk fills within {n} minutes; nothing else helps." for n in range(1, 31)
)


@pytest.fixture
def emergency(person: Callable[..., User], as_actor: Callable[[User], Actor]) -> Change:
    """It waits for a manager, who approves it by showing who they are."""
    now, manager, agent = timezone.now(), person("manager"), as_actor(person("agent"))
    manager.set_password(WORD)
    manager.save()
    service = a_measured_service(at=now)
    burning = incidents.open_incident(actor=agent, title="Down", service=service, priority=1, at=now)
    incidents.confirm(burning, actor=as_actor(manager))
    engineer = as_actor(person("engineer"))
    words = {"change_class": "emergency", "exception": {"incident": burning.reference}}
    change = change_of(ask(service, engineer, at=now, **words))
    assert (change.change_class, change.status) == ("emergency", "authorising")
    return change


def begun(chromium: Browser, live_server: Any, settings: Any, user: User) -> Watched:
    settings.BASE_URL = live_server.url
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    sign_in(context, user, live_server.url)
    return Watched(context.new_page())


def ended(seen: Watched) -> None:
    seen.page.wait_for_load_state("networkidle")  # an answer under way would hold its database connection
    seen.page.context.close()
    assert seen.wrong == []


def proves(page: Page) -> None:
    expect(page.locator("#main")).to_contain_text("It is good for five minutes")
    page.fill("#id_password", WORD)
    page.get_by_role("button", name="Go on").click()


def approves(page: Page) -> Any:
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="Approve").click()
    return dialog


def is_approved(change: Change) -> None:
    assert Change.objects.get(pk=change.pk).status == "scheduled"
    said = ApprovalDecision.objects.get()
    assert (said.by.username, said.comment.replace("\r\n", "\n")) == ("manager", WORDS)


def test_a_proof_that_ran_out_under_the_hands_is_asked_for_beside_the_words(
    chromium: Browser, live_server: Any, settings: Any, emergency: Change
) -> None:
    manager = User.objects.get(username="manager")
    seen = begun(chromium, live_server, settings, manager)
    page, where = seen.page, emergency.get_absolute_url()
    page.goto(f"/profile/prove/?next={where}")
    proves(page)
    page.wait_for_url(f"**{where}")
    page.locator("[data-opens=approve]").first.click()
    page.locator("dialog[open] textarea").fill(WORDS)
    assert page.locator("dialog[open] [type=password]").count() == 0
    assert stale_proof(Session.objects.get(user=manager))
    dialog = approves(page)
    expect(dialog.locator("[type=password]")).to_be_visible()
    expect(dialog.locator("textarea")).to_have_value(WORDS)
    assert Change.objects.get(pk=emergency.pk).status == "authorising"
    dialog.locator("[type=password]").fill(WORD)
    approves(page)
    until(page, "!document.querySelector('dialog[open]')")
    ended(seen)
    is_approved(emergency)


def test_a_dialog_that_asks_for_no_proof_itself_is_open_again_with_its_words_after_it(
    chromium: Browser, live_server: Any, settings: Any, emergency: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operation asks, whatever its door forgot: then the page in between does, and leads back."""
    for door in (record, steps):
        monkeypatch.setattr(door, "ask_proof", lambda *_said, **_more: None)
    seen = begun(chromium, live_server, settings, User.objects.get(username="manager"))
    page, where = seen.page, emergency.get_absolute_url()
    page.goto(where)
    page.locator("[data-opens=approve]").first.click()
    page.locator("dialog[open] textarea").fill(WORDS)
    approves(page)
    page.wait_for_url("**/profile/prove/**")
    assert Change.objects.get(pk=emergency.pk).status == "authorising"
    assert "Zoë" not in page.url
    proves(page)
    page.wait_for_url(f"**{where}")
    expect(page.locator("dialog[open] textarea")).to_have_value(WORDS)
    approves(page)
    until(page, "!document.querySelector('dialog[open]')")
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('headroom-draft:'))") == []
    ended(seen)
    is_approved(emergency)


def test_a_form_that_asks_for_no_proof_itself_holds_its_words_after_it(
    chromium: Browser, live_server: Any, settings: Any, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same of a form that is a page, and of what was ticked in it."""
    monkeypatch.setattr(roles, "ask_proof", lambda *_said, **_more: None)
    admin.set_password(WORD)
    admin.save()
    night = OwnRole.objects.create(slug="night", name="Night desk", rights=["desk.work"])
    words = WORDS[:1900]
    seen = begun(chromium, live_server, settings, admin)
    page = seen.page
    page.goto("/settings/roles/night/edit/")
    page.fill("textarea[name=description]", words)
    page.check("[name=rights][value='incidents.respond']")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/profile/prove/**")
    assert OwnRole.objects.get(pk=night.pk).rights == ["desk.work"]
    proves(page)
    page.wait_for_url("**/settings/roles/night/edit/")
    expect(page.locator("textarea[name=description]")).to_have_value(words)
    expect(page.locator("[name=rights][value='incidents.respond']")).to_be_checked()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/settings/roles/night/")
    ended(seen)
    kept = OwnRole.objects.get(pk=night.pk)
    assert "incidents.respond" in kept.rights
    assert kept.description.replace("\r\n", "\n") == words.strip()
