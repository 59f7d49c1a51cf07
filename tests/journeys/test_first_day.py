"""The newcomer's two minutes: sign in, see what burns, ask the gate with the offered line, understand the answer."""

import json
import re
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest

from changes.models import Change
from slo.models import Objective
from tests.journeys.cleanliness import look_at_every_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.heavy,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # every page, in a browser: slowly where the machine is busy
]


def test_the_first_day(visit: Any, company: Any) -> None:
    """One company for all of it: founding it takes longer than looking at it."""
    _a_newcomer_asks_and_understands(visit)
    _an_approver_decides(visit)
    assert look_at_every_page(visit) == []


def _a_newcomer_asks_and_understands(visit: Any) -> None:
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
        page.goto(urlsplit(said["change"]["page"]).path)
        assert said["reasons"][0]["sentence"] in page.inner_text("main")
        assert page.get_by_role("button", name=re.compile("^Approve")).count() == 0  # the author may not


def _issue_token(page: Any) -> str:
    page.goto("/profile/")
    form = page.locator("form", has=page.get_by_role("button", name=re.compile("token", re.IGNORECASE))).first
    form.locator("input[name=name]").fill("laptop")
    form.get_by_role("button", name=re.compile("token", re.IGNORECASE)).click()
    page.get_by_text(re.compile("^hr_")).first.wait_for()  # a busy machine is idle before it has sent anything
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


def _an_approver_decides(visit: Any) -> None:
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
        with page.expect_response(
            lambda answer: answer.url.endswith("/approve/") and answer.request.method == "POST"
        ) as sent:
            dialog.get_by_role("button", name=re.compile("^Approve")).click()
        assert sent.value.ok, sent.value.text()
    waiting.refresh_from_db()
    assert waiting.status == "scheduled"
