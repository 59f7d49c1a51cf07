"""Attacks on budgets, corrections and data sources: each of these was possible once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.ui.csv_answers import cell_of
from slo.engine.samples import instant_of
from slo.measuring import operations as measuring_operations
from slo.measuring.operations.files import record_file
from slo.measuring.queries.minutes import stored_minutes
from slo.models import Budget, Correction, DataSource, Objective
from slo.objectives import operations
from slo.objectives.operations.counted_periods import write_counted_periods
from slo.objectives.operations.outages import recompute_outages
from slo.objectives.operations.reservations import lock_budgets
from slo.objectives.queries import budget_at
from slo.openslo import operations as openslo_operations
from tests.factories.slo import MEASURER, MINUTE, T0, an_indicator, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db
ERIN = Actor(None, "Erin", Kind.HUMAN, frozenset({Role.ENGINEER}))
MONA = Actor(None, "Mona", Kind.HUMAN, frozenset({Role.MANAGER}))
SECRET = {"auth": "bearer", "credential": "prometheus-prod"}


def mona() -> Actor:
    """A change manager with an account: what she proposes waits for somebody else."""
    return actor_for(User.objects.get_or_create(username="Mona", defaults={"roles": ["manager"]})[0], Door.WEB)


def burnt(**fields: Any) -> Objective:
    """Exhausted, by failures that are over."""
    made = an_objective(**{"window_days": 7} | fields)
    assert made.indicator is not None
    measured(made.indicator, steady(T0, 7 * 1440), T0)
    measured(made.indicator, steady(T0 - timedelta(hours=8), 1000, bad=100), T0)
    assert evaluated(made, T0).level == "exhausted"
    return made


def blazing() -> Objective:
    """A page row fires and nearly the whole budget is left."""
    made = an_objective()
    assert made.indicator is not None
    measured(made.indicator, steady(T0, 28 * 1440), T0)
    measured(made.indicator, steady(T0, 60, bad=100), T0)
    budget = evaluated(made, T0)
    assert (budget.level, budget.state) == ("healthy", "burning_fast")
    return made


@pytest.mark.parametrize("calendar", [None, {"unit": "month", "zone": "UTC"}])
def test_a_lower_target_would_let_changes_through_and_takes_a_change_manager(calendar: dict[str, Any] | None) -> None:
    """Two hours at 50 % allow as many failures as months at 99.9 %; in a calendar period they count at once."""
    made = burnt(calendar=calendar) if calendar else burnt()
    with pytest.raises(NotPermitted, match="exhausted"):
        operations.edit_objective(made, actor=ERIN, version=1, at=T0, target=Decimal("0.5"))
    assert evaluated(made, T0).level == "exhausted"
    assert operations.edit_objective(made, actor=mona(), version=1, at=T0, target=Decimal("0.5")).awaits
    assert evaluated(made, T0).level == "exhausted"


@pytest.mark.parametrize("said", [{"alert_rows": []}, {"target": Decimal("0.5")}, {"gating": False}])
def test_what_burns_fast_is_not_talked_calm(said: dict[str, Any]) -> None:
    made = blazing()
    with pytest.raises(NotPermitted, match="burns fast"):
        operations.edit_objective(made, actor=ERIN, version=1, at=T0, **said)
    with pytest.raises(NotPermitted, match="burns fast"):
        operations.retire_objective(made, actor=ERIN, version=1, at=T0)
    assert Budget.objects.get(pk=made.pk).state == "burning_fast"
    operations.edit_objective(made, actor=ERIN, version=1, at=T0, target=Decimal("0.9999"), name="Stricter")
    assert operations.edit_objective(made, actor=mona(), version=2, at=T0, **said).awaits


@pytest.mark.writes_behind("I15")  # a row that nobody asked for: its end is promised by nobody
def test_a_period_that_is_masked_whole_is_not_known_to_be_healthy() -> None:
    """Its slices would all be granted, and none was seen."""
    made = an_objective(
        calendar={"unit": "month", "zone": "UTC"}, method="timeslices", time_slice_target=Decimal("0.9")
    )
    assert made.indicator is not None
    measured(made.indicator, steady(T0, 2500), T0)
    Correction.objects.create(
        objective=made, category="other", starts_at=T0 - timedelta(days=40), ends_at=T0 + timedelta(days=1),
        reason="All of it.", status="approved", expires_at=T0 + timedelta(days=300), owner_name="Ola",
        proposed_at=T0, decided_by="Mona", decided_at=T0,
    )  # fmt: skip
    write_counted_periods(made)
    budget = evaluated(made, T0)
    assert (budget.state, str(budget.coverage)) == ("low_confidence", "0E-9")


def test_nobody_sends_a_credential_elsewhere_but_managers() -> None:
    with pytest.raises(NotPermitted, match="credential"):
        measuring_operations.create_source(actor=ERIN, slug="mine", url="https://evil.example", **SECRET)
    source = measuring_operations.create_source(actor=MONA, slug="prod", url="https://prometheus.example", **SECRET)
    elsewhere: list[dict[str, Any]] = [
        {"url": "https://evil.example"}, {"credential": "other"}, {"auth": "basic", "username": "x"},
        {"tenant_header": "X-Scope-OrgID", "tenant": "theirs"},
    ]  # fmt: skip
    for said in elsewhere:
        with pytest.raises(NotPermitted, match="credential"):
            measuring_operations.edit_source(source, actor=ERIN, version=1, **said)
    source = measuring_operations.edit_source(source, actor=ERIN, version=1, name="Ours", lag_minutes=3)
    # In two steps neither: without the credential the address is free, and the credential does not come back.
    measuring_operations.edit_source(
        source, actor=ERIN, version=2, auth="none", credential="", url="https://evil.example"
    )
    with pytest.raises(NotPermitted, match="credential"):
        measuring_operations.edit_source(source, actor=ERIN, version=3, **SECRET)
    assert DataSource.objects.get().credential == ""


def test_a_file_does_not_move_a_credential(engineer: User, api: Callable[..., APIClient]) -> None:
    measuring_operations.create_source(actor=MONA, slug="prod", url="https://prometheus.example", **SECRET)
    document = """
apiVersion: openslo/v1
kind: DataSource
metadata: {name: prod}
spec: {type: Prometheus, connectionDetails: {url: "https://evil.example"}}
"""
    outcome = openslo_operations.apply({"a.yaml": document.encode()}, actor=ERIN, at=T0)
    assert not outcome.written
    assert DataSource.objects.get().url == "https://prometheus.example"


def test_the_history_of_a_frozen_budget_is_not_fetched_from_elsewhere() -> None:
    indicator = an_indicator(
        source="prometheus", server_url="https://prometheus.example", good_query="good", total_query="all"
    )
    made = an_objective(indicator=indicator, window_days=7)
    measured(indicator, steady(T0, 1440, bad=100), T0)
    assert evaluated(made, T0).level == "exhausted"
    source = DataSource.objects.get()
    with pytest.raises(NotPermitted, match="exhausted"):
        measuring_operations.edit_source(source, actor=ERIN, version=1, url="https://evil.example")
    measuring_operations.edit_source(source, actor=ERIN, version=1, lag_minutes=1)
    assert measuring_operations.edit_source(source, actor=mona(), version=2, url="https://new.example").awaits
    assert DataSource.objects.get().url == "https://prometheus.example"


def test_periods_beyond_the_end_of_time_are_refused(engineer: User, api: Callable[..., APIClient]) -> None:
    made, client = burnt(), api(engineer)
    backwards = {"starts_at": "2026-03-02T12:00:00Z", "ends_at": "2026-03-01T12:00:00Z"}
    for period in ({"starts_at": "2026-03-01T00:00:00Z", "ends_at": "9999-12-31T23:59:59Z"}, backwards):
        body = {"slo": made.slug, "category": "other", "reason": "x", **period}
        for path in ("corrections/", "corrections/effect/"):
            assert client.post(f"/api/v1/{path}", body, format="json").status_code == 400, (path, period)
    with pytest.raises(InvalidInput):
        operations.effect_of(made, T0, T0 - MINUTE, at=T0)


def test_a_retired_objective_is_neither_corrected_nor_evaluated(manager: User, api: Callable[..., APIClient]) -> None:
    made = an_objective(window_days=7)
    correction = operations.propose_correction(
        made, actor=ERIN, at=T0, category="other", starts_at=T0 - 60 * MINUTE, ends_at=T0, reason="x"
    )
    operations.retire_objective(made, actor=MEASURER, version=1, at=T0)
    assert api(manager).post(f"/api/v1/corrections/{correction.pk}/approve/", {}, format="json").status_code == 409
    with pytest.raises(Conflict):
        budget_at(made, T0, now=T0)
    operations.withdraw_correction(correction, actor=MONA, at=T0)


def test_a_long_file_of_values_loses_none_where_it_is_cut() -> None:
    """Five values a step, and the ten thousandth lies inside one."""
    indicator = an_indicator(measure="threshold", op="lt", threshold=Decimal(1), step_minutes=5)
    first = int(T0.timestamp()) // 60 - 10_010 + 3
    lines = [f"{(first + place) * 60},0.5" for place in range(10_005)]
    record_file(indicator, "\n".join(["time,value", *lines]).encode(), actor=MEASURER, at=T0)
    found = stored_minutes(indicator, instant_of(first - 60), T0 + timedelta(hours=1))
    assert sum(total for _, _, total in found) == 10_005


def test_the_limit_of_rows_counts_every_kind_of_line_end() -> None:
    with pytest.raises(InvalidInput, match="rows"):
        record_file(an_indicator(), b"minute,good,total" + b"\r0,1,1" * 50_002, actor=MEASURER, at=T0)


def test_budgets_are_locked_before_their_objectives() -> None:
    """As evaluations and the gate do, which hold budgets and then add rows that point to objectives."""
    made = burnt()
    correction = operations.propose_correction(
        made, actor=ERIN, at=T0, category="other", starts_at=T0 - 60 * MINUTE, ends_at=T0, reason="x"
    )
    works: list[Callable[[], Any]] = [
        lambda: operations.edit_objective(made, actor=mona(), version=1, at=T0, window_days=8),
        lambda: operations.approve_correction(correction, actor=MONA, at=T0),
        lambda: operations.withdraw_correction(correction, actor=MONA, at=T0),
    ]
    for work in works:
        with CaptureQueriesContext(connection) as queries:
            work()
        signs = ("pg_advisory", "FOR NO KEY UPDATE", "EXECUTE held_")
        locks = [one["sql"] for one in queries if any(sign in one["sql"] for sign in signs)]
        assert ["pg_advisory_xact_lock" in locks[0], "slo_budget" in locks[1], "slo_objective" in locks[2]] == [
            True
        ] * 3


@pytest.mark.django_db(transaction=True)
def test_editing_correcting_evaluating_and_holding_at_once_never_waits_in_a_circle() -> None:
    """Each for two seconds, on the same objectives; a deadlock would end one of them after the first."""
    made = [burnt(), burnt()]

    def edit(turn: int) -> None:
        one = Objective.objects.get(pk=made[turn % 2].pk)
        with transaction.atomic():
            operations.edit_objective(one, actor=MEASURER, version=one.version, at=T0, window_days=7 + turn % 5)

    def correct(turn: int) -> None:
        begins = T0 - timedelta(minutes=90 + turn)
        proposed = operations.propose_correction(
            made[turn % 2], actor=MEASURER, at=T0, category="other", reason="x", starts_at=begins, ends_at=T0
        )
        operations.approve_correction(proposed, actor=MEASURER, at=T0)

    def hold(turn: int) -> None:
        with transaction.atomic():
            for budget in lock_budgets([one.pk for one in made], at=T0):
                operations.reserve(
                    budget, holder=f"c{turn}", ratio=Decimal("0.001"), until=T0 + MINUTE, actor=MEASURER, at=T0
                )

    faults = _at_once(
        edit,
        correct,
        hold,
        lambda turn: operations.evaluate(at=T0),
        lambda turn: recompute_outages(actor=MEASURER, at=T0),
    )
    assert faults == []


def _at_once(*works: Callable[[int], Any], turns: int = 20) -> list[str]:
    faults: list[str] = []

    def repeat(work: Callable[[int], Any]) -> None:
        try:
            for turn in range(1, turns + 1):
                work(turn)
        except Exception as error:
            faults.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=repeat, args=(work,)) for work in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return faults


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert cell_of(text).startswith("'")
