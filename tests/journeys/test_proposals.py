"""A desk lead clears twenty proposals of a software agent in as many keys, and takes the newest word back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.agents.acting import call_of
from itsm.agents.models import Agent
from itsm.proposals import operations
from itsm.proposals.models import Proposal, ProposalPart
from tests.journeys.conftest import Watched
from tests.journeys.test_hands import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
TWENTY = 20


def propose_about(owner: User, team: Team, how_many: int = TWENTY) -> None:
    """A proposal about each of as many incidents, every fifth of two fields."""
    account = User(username="claude-code", name="Claude Code", account_type="agent", owner=owner)
    account.set_unusable_password()
    account.save()
    call = call_of(Agent.objects.create(account=account), owner, frozenset({"desk:propose"}), at=timezone.now())
    for number in range(how_many):
        incident = Incident.objects.create(title=f"Cannot print on floor {number}", team=team, opened_at=timezone.now())
        body: dict[str, Any] = {"priority": 2}
        if number % 5 == 0:
            body["title"] = f"Printer {number} is out of toner"
        operations.propose(
            actor=call.actor, eyes=call.eyes, at=timezone.now() - timedelta(hours=1), kind="fields",
            reference=incident.reference, body=body, reason="Six people report the same floor within an hour.",
            source="INC-00007, the caller's second mail",
        )  # fmt: skip


def _a_reply(owner: User, team: Team) -> Proposal:
    asked = Incident.objects.create(
        title="It prints grey", team=team, opened_at=timezone.now(), caller=User.objects.create(username="bo")
    )
    call = call_of(Agent.objects.get(), owner, frozenset({"desk:propose"}), at=timezone.now())
    return operations.propose(
        actor=call.actor, eyes=call.eyes, at=timezone.now(), kind="reply", reference=asked.reference,
        body={"text": "New toner comes today."}, reason="It was ordered.",
    )  # fmt: skip


def _one_more(owner: User, team: Team) -> Proposal:
    grey = Incident.objects.create(title="It prints blue", team=team, opened_at=timezone.now())
    call = call_of(Agent.objects.get(), owner, frozenset({"desk:propose"}), at=timezone.now())
    return operations.propose(
        actor=call.actor, eyes=call.eyes, at=timezone.now(), kind="fields", reference=grey.reference,
        body={"priority": 2}, reason="As the others.",
    )  # fmt: skip


def test_twenty_proposals_are_twenty_keys(chromium: Browser, live_server: Any, settings: Any) -> None:
    settings.BASE_URL = live_server.url
    lead = User.objects.create_user("ada", "a long enough password", roles=["agent"], name="Ada")
    desk = Team.objects.create(slug="desk", name="Desk", takes_work=True)
    Membership.objects.create(user=lead, team=desk, lead=True)
    propose_about(lead, desk)
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    sign_in(context, lead, live_server.url)
    seen = Watched(context.new_page())
    page = seen.page
    page.goto("/proposals/")
    expect(page.locator("[data-row]")).to_have_count(TWENTY)
    page.evaluate("window.pressed = 0; addEventListener('keydown', () => { window.pressed += 1; }, true)")
    for place in range(TWENTY):
        page.keyboard.press("d" if place == 3 else "a")
    expect(page.locator("[data-decide='undo']")).to_have_count(TWENTY)
    assert page.evaluate("window.pressed") == TWENTY
    expect(page.locator("a.side-sub[href='/proposals/'] .count")).to_be_hidden()
    assert Proposal.objects.filter(state="waiting").count() == 0
    assert sorted(set(ProposalPart.objects.values_list("state", flat=True))) == ["accepted", "dismissed"]
    assert Incident.objects.filter(priority=2).count() == TWENTY - 1
    page.keyboard.press("z")
    expect(page.locator("[data-decide='undo']")).to_have_count(TWENTY - 1)
    expect(page.locator("a.side-sub[href='/proposals/'] .count")).to_have_text("1")
    assert Proposal.objects.filter(state="waiting").count() == 1
    page.keyboard.press("a")
    expect(page.locator("[data-decide='undo']")).to_have_count(TWENTY)
    draft, after = _a_reply(lead, desk), _one_more(lead, desk)
    page.goto("/proposals/")
    expect(page.locator(f"[data-row='{draft.reference}'].is-here")).to_have_count(1)
    for _turn in range(3):  # as in a run: nothing of it is typed into what a caller would read
        page.keyboard.press("a")
    expect(page.locator(f"[data-row='{draft.reference}'] [data-says]")).to_contain_text("You send a reply yourself")
    expect(page.locator(f"[data-row='{after.reference}'] [data-decide='undo']")).to_have_count(1)
    assert page.url.endswith("/proposals/")
    page.goto(f"/incidents/{draft.about}/?draft={draft.pk}#reply")
    expect(page.locator("#id_text")).to_be_focused()
    expect(page.locator("#id_text")).to_have_value("New toner comes today.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".bubble", has_text="New toner comes today.")).to_have_count(1)
    assert draft.parts.get().state == "accepted"
    page.wait_for_load_state("networkidle")
    context.close()
    assert seen.wrong == []
