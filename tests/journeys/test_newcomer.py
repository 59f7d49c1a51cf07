"""The newcomer's two minutes: sign in, see what burns, ask the gate with the line the page offers, understand the answer."""

import json
import re
import subprocess
from typing import Any

import pytest

from changes.models import Change
from slo.models import Objective

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_newcomer_asks_the_gate_and_understands_the_answer(visit: Any, company: Any) -> None:
    burning = Objective.objects.select_related("service").get(budget__state="burning_fast")
    with visit("engineer") as seen:
        page = seen.page
        page.goto("/")
        page.get_by_text(burning.service.name).first.click()
        page.goto(f"/services/{burning.service.slug}/")
        page.wait_for_load_state("networkidle")
        line = next(text for text in page.locator("pre, code").all_inner_texts() if "gate-evaluations" in text)
        token = _issue_token(page)
        said = _run(line, token)
        assert said["allowed"] is False
        assert said["outcome"] == "postponed"
        assert said["reasons"][0]["code"] == "budget_burning_fast"
        page.goto(said["change"]["page"])
        assert said["reasons"][0]["sentence"] in page.inner_text("main")
        assert page.get_by_role("button", name=re.compile("^Approve")).count() == 0  # the author may not


def _issue_token(page: Any) -> str:
    page.goto("/profile/")
    page.fill("input[name=name]", "laptop") if page.locator("input[name=name]").count() == 1 else page.locator(
        "form[action*=tokens] input[name=name]"
    ).fill("laptop")
    page.locator("form[action*=tokens] button").first.click()
    page.wait_for_load_state("networkidle")
    found = re.search(r"hr_[A-Za-z0-9]{12}\.[A-Za-z0-9_-]{43}", page.content())
    assert found is not None
    return found[0]


def _run(line: str, token: str) -> dict[str, Any]:
    """The line exactly as it is offered, in a shell that has the token."""
    done = subprocess.run(
        ["bash", "-c", line], env={"HEADROOM_TOKEN": token, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
        timeout=30, check=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def test_an_approver_decides_in_the_browser(visit: Any, company: Any) -> None:
    waiting = Change.objects.filter(status="assessing", verdict="peer").order_by("id").first()
    assert waiting is not None
    with visit("approver") as seen:
        page = seen.page
        page.goto("/changes/")
        page.get_by_text(waiting.reference).first.click()
        page.wait_for_load_state("networkidle")
        page.get_by_role("button", name=re.compile("^Approve")).first.click()
        dialog = page.locator("dialog[open]")
        dialog.locator("textarea").first.fill("Reviewed the plan with the team.")
        dialog.get_by_role("button", name=re.compile("^Approve")).click()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
    waiting.refresh_from_db()
    assert waiting.status == "scheduled"
