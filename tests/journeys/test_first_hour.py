"""From an empty desk to the first answer of the gate, by a person with a browser and what the terminal printed."""

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from catalog.models import Service
from changes.models import Evaluation
from itsm.accounts.models import Team, User
from itsm.setup.facts import progress
from itsm.setup.links import make_link
from slo.models import Objective
from tests.journeys.conftest import Watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]
PASSWORD = "a long enough sentence"
PEOPLE = "Full name;E-mail;Department;Reports to\nEmil Berg;emil@shop.example;Shop;erin\n"
TABLE = "name,team,criticality,dependencies\nBasket,Shop,2,Checkout\nMail,Office IT,3,\n"


def test_the_first_hour(chromium: Browser, live_server: Any, settings: Any) -> None:
    settings.BASE_URL = live_server.url
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    seen = Watched(context.new_page())
    page = seen.page
    page.goto("/")
    assert "setup_link" in page.inner_text("main"), "no sign-in that nobody can pass"
    _comes_in(page)
    _people(page)
    _services(page)
    _objective(page)
    token = _token(page)
    _question(page)
    assert token.startswith("hr_")
    _agreement(page)
    page.goto("/")
    assert page.locator(".setup-card").count() == 0, "everything is done"
    context.close()
    assert seen.wrong == []


def _comes_in(page: Any) -> None:
    secret = make_link(at=timezone.now())[1]
    page.goto(f"/setup/administrator/{secret}/")
    for name, text in {"username": "ada", "name": "Ada", "password": PASSWORD, "again": PASSWORD}.items():
        page.fill(f"input[name={name}]", text)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url("**/setup/")
    assert User.objects.get().roles == ["admin"]


def _people(page: Any) -> None:
    page.get_by_role("link", name="People and teams").first.click()
    page.fill("input[name=team_name]", "Shop")
    page.get_by_role("button", name="Add the team").click()
    page.get_by_text("The team Shop is there").first.wait_for()
    page.fill("input[name=name]", "Erin")
    page.fill("input[name=username]", "erin")
    page.get_by_label("Shop").check()
    page.get_by_role("button", name="Add the person").click()
    page.get_by_text("Erin is there").first.wait_for()
    assert Team.objects.get(slug="shop").members.get().username == "erin"
    assert progress().steps[0].is_done
    page.get_by_role("link", name="Bring in a table").click()
    page.fill("textarea[name=table]", PEOPLE)
    page.set_viewport_size({"width": 1440, "height": 500})
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_text("This would happen").wait_for()
    assert page.evaluate("scrollY") == 0, "what came back is seen, wherever the button stood"
    foot = page.get_by_role("button", name="Bring them in").bounding_box()
    assert foot["y"] + foot["height"] <= 500, "what does it stays in view"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Bring them in").click()
    page.get_by_text("1 of them cannot sign in yet").wait_for()
    page.get_by_role("link", name="On with the set-up").click()
    assert "can sign in: 1" in page.inner_text("main")
    assert User.objects.get(username="emil").manager == User.objects.get(username="erin")
    page.goto("/setup/people/")


def _services(page: Any) -> None:
    page.get_by_role("link", name=re.compile("^Next: A service")).click()
    page.fill("input[name=name]", "Checkout")
    page.select_option("select[name=team]", label="Shop")
    page.get_by_role("button", name="Add the service").click()
    page.get_by_text("Checkout is in the catalog").first.wait_for()
    page.get_by_role("link", name="Bring in a table").click()
    page.fill("textarea[name=table]", TABLE)
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("button", name="Bring them in").click()
    page.wait_for_url("**/setup/")
    assert set(Service.objects.values_list("slug", flat=True)) == {"checkout", "basket", "mail"}


def _objective(page: Any) -> None:
    page.goto("/setup/objective/")
    page.select_option("select[name=service]", "checkout")
    page.get_by_label(re.compile("Headroom itself looks")).check()
    page.fill("input[name=url]", "http://127.0.0.1:1/health")
    page.get_by_role("button", name="Try the source").click()
    page.locator("#tried .note-red").wait_for()
    allow = page.get_by_role("link", name="Allow 127.0.0.1:1 under Settings")
    with page.context.expect_page() as opened:
        allow.click()
    assert "/settings/?allow=127.0.0.1%3A1" in opened.value.url, "beside the form, which keeps what was typed"
    opened.value.close()
    assert not Objective.objects.exists(), "trying keeps nothing"
    page.get_by_label(re.compile("A program sends")).check()
    page.get_by_role("button", name="Set the objective").click()
    page.get_by_text("holds from now on").first.wait_for()
    assert Objective.objects.get().service.slug == "checkout"


def _token(page: Any) -> str:
    page.goto("/setup/token/")
    page.get_by_role("button", name="Issue the token").click()
    page.wait_for_load_state("networkidle")
    found = re.search(r"hr_[A-Za-z0-9]{12}\.[A-Za-z0-9_-]{43}", page.content())
    assert found is not None
    return found[0]


def _agreement(page: Any) -> None:
    page.goto("/setup/agreement/")
    page.get_by_role("button", name="Agree", exact=True).click()
    page.get_by_text("holds for what begins from now on").first.wait_for()


def _question(page: Any) -> None:
    page.get_by_role("link", name=re.compile("^Next: A question")).click()
    assert page.input_value("select[name=service]") == "checkout", "the one that has an objective"
    page.get_by_role("button", name="May this change go?").click()
    page.locator("#answer").wait_for()
    asked = Evaluation.objects.select_related("change").get()
    assert asked.outcome == "peer"
    assert "One approver decides" in page.inner_text("main")
    assert "None of them can sign in yet" in page.inner_text("main")
    page.get_by_role("button", name="Call it off").click()
    page.get_by_text("is called off").first.wait_for()
    asked.change.refresh_from_db()
    assert asked.change.status == "cancelled"
