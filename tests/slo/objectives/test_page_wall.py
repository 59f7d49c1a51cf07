"""The wall-board: tiles, their words, and what a poll gets."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from slo.models import Budget, Objective
from slo.objectives import operations
from tests.factories.slo import a_service, an_objective, measured, steady

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]


@pytest.fixture
def objective(db: None) -> Objective:
    now = timezone.now().replace(second=0, microsecond=0)
    made = an_objective(
        slug="search", name="Search answers", service=a_service(slug="find", name="Find"), at=now, window_days=7
    )
    assert made.indicator
    measured(made.indicator, steady(now, 3000, bad=3), now)
    operations.evaluate(at=now, objectives=[made.pk])
    return made


def test_a_tile_says_state_name_and_what_is_left(objective: Objective, auditor: User, web: Web) -> None:
    page = web(auditor).get("/slos/wall/").content.decode()
    assert "Search answers" in page
    assert "Burning fast" in page
    assert "−200.0" in page
    assert "as of " in page
    assert 'class="nav' not in page, "no navigation"
    assert 'hx-trigger="every 60s' in page


def test_a_poll_gets_tiles_alone_and_says_so(objective: Objective, auditor: User, web: Web) -> None:
    answer = web(auditor).get("/slos/wall/", headers={"HX-Request": "true"})
    assert answer["X-Wall"] == "tiles"
    assert "<html" not in answer.content.decode()
    assert "Search answers" in answer.content.decode()


def test_filters_and_old_figures(objective: Objective, auditor: User, requester: User, web: Web) -> None:
    browser = web(auditor)
    assert "Search answers" in browser.get("/slos/wall/?service=find").content.decode()
    assert "No objective fits" in browser.get("/slos/wall/?service=other").content.decode()
    assert "Nothing is evaluated since" not in browser.get("/slos/wall/").content.decode()
    Budget.objects.update(evaluated_at=timezone.now() - timedelta(minutes=9))
    assert "Nothing is evaluated since" in browser.get("/slos/wall/").content.decode()
    assert web(requester).get("/slos/wall/").status_code == 403
