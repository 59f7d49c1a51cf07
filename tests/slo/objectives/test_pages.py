"""The pages of objectives: who may open which door, what they say, and what they cost."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.incident import operations as incidents
from itsm.accounts.models import User
from slo.models import Objective
from slo.objectives import operations
from tests.factories.slo import MEASURER, MINUTE, a_service, an_objective, measured, steady
from tests.slo.proving import TURN, by_turns

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]

ROLES = ("requester", "agent", "engineer", "approver", "manager", "owner", "auditor", "admin")
STAFF = dict.fromkeys(ROLES[1:], 200)
AUTHORS = {"engineer": 200, "manager": 200, "owner": 200, "admin": 200}
DOORS: dict[str, tuple[dict[str, int], int]] = {
    "/slos/": (STAFF, 403),
    "/slos/?state=healthy&text=search": (STAFF, 403),
    "/slos/new/": (AUTHORS, 403),
    "/slos/badges/?slugs=search,nothing": ({}, 200),
    "/slos/of/search/": ({}, 200),
    "/slos/search-answers/": (STAFF, 404),
    "/slos/search-answers/burn-down/": (STAFF, 404),
    "/slos/search-answers/edit/": (AUTHORS | {"requester": 404}, 403),
    "/slos/nothing/": ({}, 404),
}


@pytest.fixture
def objective(db: None) -> Objective:
    """Measured for the last two hours only, with ten bad minutes in them."""
    now = timezone.now().replace(second=0, microsecond=0)
    service = a_service(slug="search", name="Search")
    made = an_objective(slug="search-answers", name="Search answers", service=service, window_days=7, at=now)
    measured(made.indicator, steady(now, 120), now)
    measured(made.indicator, steady(now - MINUTE * 60, 10, bad=5), now)
    operations.evaluate(at=now, objectives=[made.pk])
    return made


@pytest.mark.heavy
def test_doors(objective: Objective, person: Callable[..., User], web: Web) -> None:
    """Sampled: one in four roles at each, by turns."""
    asked = {path: by_turns(ROLES, turn) for turn, path in enumerate(DOORS, TURN)}
    opened = {path: {role: web(person(role)).get(path).status_code for role in asked[path]} for path in DOORS}
    assert opened == {
        path: {role: some.get(role, rest) for role in asked[path]} for path, (some, rest) in DOORS.items()
    }


def test_the_page_of_an_objective_says_what_is_left_and_why(objective: Objective, engineer: User, web: Web) -> None:
    page = web(engineer).get("/slos/search-answers/").content.decode()
    assert "99.9\N{NARROW NO-BREAK SPACE}% of events good over 7 days, rolling" in page
    assert "50 <span" in page  # failed
    assert "Low confidence" in page
    assert "/api/v1/slis/" in page
    assert "$HEADROOM_TOKEN" in page


def test_the_chart_has_line_limits_and_marks(objective: Objective, engineer: User, web: Web) -> None:
    incident = incidents.open_incident(actor=MEASURER, title="Search is slow", service=objective.service)
    drawn = web(engineer).get("/slos/search-answers/burn-down/").json()
    assert drawn["limits"] == [0.5, 0.25, 0.0]
    assert 2 <= len(drawn["points"]) <= 201
    assert [mark["url"] for mark in drawn["marks"]] == [incident.get_absolute_url()]


def test_a_silent_source_is_said_whatever_was_stored(objective: Objective, engineer: User, web: Web) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Objective.objects.get(pk=objective.pk).budget.__class__.objects.update(
        watermark=long_ago, state="healthy", flags=[]
    )
    page = web(engineer).get("/slos/search-answers/").content.decode()
    assert "No measurements arrive" in page
    assert "As it was when measurements stopped" in page
    assert "No data" in web(engineer).get("/slos/").content.decode()
    assert "No data" in web(engineer).get("/slos/badges/?slugs=search").content.decode()


def test_the_cells_of_the_services_page(objective: Objective, engineer: User, web: Web) -> None:
    a_service(slug="bare")
    page = web(engineer).get("/slos/badges/?slugs=search,bare,nothing").content.decode()
    assert 'id="state-search" hx-swap-oob="true"' in page
    assert 'id="budget-search" hx-swap-oob="true"' in page
    assert "Not measured" in page
    assert "nothing" not in page


def test_setting_an_objective_and_changing_its_terms(engineer: User, auditor: User, web: Web) -> None:
    a_service(slug="search")
    words = {
        "name": "Search answers", "slug": "search-answers", "service": "search", "environment": "production",
        "target": "99.9", "window_days": "28", "gating": "on", "indicator": "search-requests", "source": "push",
    }  # fmt: skip
    browser = web(engineer)
    assert web(auditor).post("/slos/new/", words).status_code == 403
    for wrong in ({"target": "100"}, {"window_days": "3"}, {"slug": "No Slug"}, {"source": "prometheus"}):
        assert browser.post("/slos/new/", words | wrong).status_code in (400, 422), wrong
    assert not Objective.objects.exists()
    assert browser.post("/slos/new/", words)["Location"] == "/slos/search-answers/"
    made = Objective.objects.get()
    assert made.target == Decimal("0.999")
    assert browser.post("/slos/new/", words).status_code == 409
    terms = {"name": "Search answers", "target": "99.5", "window_days": "28", "gating": "on", "version": made.version,
             "source": "existing", "indicator": "search-requests"}  # fmt: skip
    assert browser.post("/slos/search-answers/edit/", terms).status_code == 302
    assert browser.post("/slos/search-answers/edit/", terms | {"target": "99"}).status_code == 412
    made.refresh_from_db()
    assert (made.target, made.terms_version) == (Decimal("0.995"), 2)


def _cost(browser: Client, path: str) -> tuple[int, int]:
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(path)
    assert answer.status_code == 200
    return len(queries), len(answer.content)


def test_the_overview_costs_the_same_with_one_objective_and_many(
    objective: Objective, engineer: User, web: Web
) -> None:
    browser = web(engineer)
    browser.get("/slos/")
    few, _size = _cost(browser, "/slos/")
    slugs = [an_objective(at=timezone.now(), indicator=objective.indicator).service.slug for _ in range(49)]  # 50 rows
    many, size = _cost(browser, "/slos/")
    assert few == many <= 17
    assert size < 60_000
    one, _size = _cost(browser, "/slos/badges/?slugs=search")
    more, _size = _cost(browser, f"/slos/badges/?slugs={','.join(slugs)}")
    assert one == more


@pytest.mark.parametrize("path", ["/slos/", "/slos/new/", "/slos/search-answers/"])
def test_pages_keep_to_their_policy(path: str, objective: Objective, engineer: User, web: Web) -> None:
    answer = web(engineer).get(path)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", answer.content.decode())
