"""Corrections on the page of their objective: proposed with the effect in view, decided by those who may."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from slo.models import Budget, Correction, CountedPeriod, Indicator, Objective
from slo.objectives import operations
from tests.factories.slo import MINUTE, a_service, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
NEW, EFFECT = "/slos/answers/corrections/new/", "/slos/answers/corrections/effect/"


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def objective(now: datetime) -> Objective:
    """A day of traffic; ten minutes in it failed."""
    made = an_objective(slug="answers", service=a_service(slug="shop"), window_days=7, target=Decimal("0.99"), at=now)
    indicator = Indicator.objects.get(objectives=made)
    measured(indicator, steady(now, 1440, total=100), now)
    measured(indicator, steady(now - MINUTE * 60, 10, bad=50, total=100), now)
    evaluated(made, now)
    return made


def _typed(now: datetime, **said: str) -> dict[str, str]:
    words = {"category": "measurement_fault", "reason": "The probe was down.", "expires_at": ""}
    ends = {"starts_at": now - MINUTE * 70, "ends_at": now - MINUTE * 60}
    return words | {name: f"{instant:%Y-%m-%dT%H:%M}" for name, instant in ends.items()} | said


def _proposed(objective: Objective, by: User, as_actor: Any, now: datetime) -> Correction:
    return operations.propose_correction(
        objective, actor=as_actor(by), at=now, category="other", starts_at=now - MINUTE * 70, ends_at=now - MINUTE * 60,
        reason="A drill.",
    )  # fmt: skip


def test_the_effect_is_shown_while_typing_and_nothing_is_kept(
    objective: Objective, now: datetime, engineer: User, web: Web
) -> None:
    counted_periods = list(CountedPeriod.objects.values())
    budget = Budget.objects.values().get()
    page = web(engineer).post(EFFECT, _typed(now), headers=HTMX).content.decode()
    assert "65.27" in page  # 500 of 1 440 allowed
    assert "100.00" in page
    assert "500.000 / 1\N{NARROW NO-BREAK SPACE}440.000" in page
    assert list(CountedPeriod.objects.values()) == counted_periods
    assert Budget.objects.values().get() == budget
    assert not Correction.objects.exists()


def test_half_a_period_is_no_reason_to_fail(objective: Objective, now: datetime, engineer: User, web: Web) -> None:
    browser = web(engineer)
    half = browser.post(EFFECT, _typed(now, ends_at=""), headers=HTMX)
    assert half.status_code == 200
    turned = browser.post(EFFECT, _typed(now, ends_at=f"{now - MINUTE * 80:%Y-%m-%dT%H:%M}"), headers=HTMX)
    assert "It ends after it starts." in turned.content.decode()


def test_proposing_with_and_without_htmx(objective: Objective, now: datetime, engineer: User, web: Web) -> None:
    browser = web(engineer)
    assert browser.get(NEW).status_code == 200
    refused = browser.post(NEW, _typed(now, reason=""))
    assert refused.status_code == 422
    assert "The probe" not in refused.content.decode()
    assert browser.post(NEW, _typed(now))["Location"] == "/slos/answers/#corrections"
    assert browser.post(NEW, _typed(now), headers=HTMX)["HX-Refresh"] == "true"
    old = _typed(now, starts_at="2001-01-01T00:00")
    answer = browser.post(NEW, old, headers=HTMX)
    assert answer.status_code in (400, 422)
    assert "Nothing that old is counted any more." in answer.content.decode()
    assert Correction.objects.count() == 2


def test_approving_shows_before_and_after_and_moves_the_budget(
    objective: Objective, now: datetime, engineer: User, manager: User, web: Web, as_actor: Any
) -> None:
    one = _proposed(objective, engineer, as_actor, now)
    step = f"/slos/answers/corrections/{one.pk}/approve/"
    browser = web(manager)
    asked = browser.get(step).content.decode()
    assert "65.27" in asked
    assert "100.00" in asked
    assert browser.post(step, {"version": one.version})["Location"] == "/slos/answers/#corrections"
    assert Budget.objects.get().remaining == 1
    page = browser.get("/slos/answers/").content.decode()
    assert "Remaining when it was approved: 65.27" in page
    assert "10 minutes are left out by corrections" in page


@pytest.mark.parametrize("action", ["decline", "withdraw"])
def test_declining_and_withdrawing_with_a_remark(
    action: str, objective: Objective, now: datetime, engineer: User, manager: User, web: Web, as_actor: Any
) -> None:
    one = _proposed(objective, engineer, as_actor, now)
    answer = web(manager).post(
        f"/slos/answers/corrections/{one.pk}/{action}/", {"version": one.version, "reason": "It was ours."}
    )
    assert answer.status_code == 302
    one.refresh_from_db()
    assert one.status == {"decline": "declined", "withdraw": "withdrawn"}[action]


def test_an_old_version_and_a_step_that_is_over_are_refused(
    objective: Objective, now: datetime, engineer: User, manager: User, web: Web, as_actor: Any
) -> None:
    one = _proposed(objective, engineer, as_actor, now)
    browser, step = web(manager), f"/slos/answers/corrections/{one.pk}/decline/"
    stale = browser.post(step, {"version": one.version + 1})
    assert stale.status_code == 412
    assert "Somebody changed it meanwhile" in stale.content.decode()
    assert browser.post(step, {"version": one.version}).status_code == 302
    assert browser.post(step, {"version": one.version + 1}).status_code == 409
    assert browser.get(f"/slos/answers/corrections/{one.pk}/expire/").status_code == 404
    assert browser.get(f"/slos/other/corrections/{one.pk}/decline/").status_code == 404


def test_buttons_are_for_those_who_may(
    objective: Objective, now: datetime, person: Callable[..., User], web: Web, as_actor: Any
) -> None:
    engineer = person("engineer")
    one = _proposed(objective, engineer, as_actor, now)
    shown = {}
    for role in ("agent", "engineer", "approver", "manager", "auditor"):
        page = web(person(role)).get("/slos/answers/").content.decode()
        steps = [action for action in ("approve", "decline", "withdraw") if f"/corrections/{one.pk}/{action}/" in page]
        shown[role] = ("corrections/new/" in page, steps)
    everything = ["approve", "decline", "withdraw"]
    assert shown == {
        "agent": (False, []), "engineer": (True, ["withdraw"]), "approver": (False, []), "manager": (True, everything),
        "auditor": (False, []),
    }  # fmt: skip
    auditor = web(person("auditor"))
    assert auditor.post(NEW, _typed(now)).status_code == 403
    assert auditor.post(EFFECT, _typed(now)).status_code == 403
    assert auditor.post(f"/slos/answers/corrections/{one.pk}/withdraw/", {"version": 1}).status_code == 403
    own = web(engineer).post(f"/slos/answers/corrections/{one.pk}/approve/", {"version": 1})
    assert own.status_code == 403
    assert "who proposed a correction does not decide it" in own.content.decode()
    assert auditor.get(f"/slos/answers/corrections/{one.pk}/effect/").status_code == 200


def test_a_period_to_come_promises_nothing(objective: Objective, now: datetime, engineer: User, web: Web) -> None:
    later = {"starts_at": now + timedelta(days=1), "ends_at": now + timedelta(days=2)}
    typed = _typed(now, **{name: f"{instant:%Y-%m-%dT%H:%M}" for name, instant in later.items()})
    assert "still to come" in web(engineer).post(EFFECT, typed, headers=HTMX).content.decode()


def test_posts_need_the_token(objective: Objective, now: datetime, engineer: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(engineer, backend="itsm.accounts.backends.PeopleOnly")
    assert strict.post(NEW, _typed(now)).status_code == 403
    assert strict.post(EFFECT, _typed(now)).status_code == 403
    assert not Correction.objects.exists()
