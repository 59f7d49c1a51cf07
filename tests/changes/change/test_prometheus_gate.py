"""Real input: a real Prometheus is pulled, budgets are evaluated, and the gate's answer follows.

Approved while healthy, held as the budget burns, approved again when the bad half hour has left the window.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from changes.change.workflow import Status
from changes.models import Decision, Evaluation
from slo.measuring import operations as measuring_operations
from slo.models import DataSource, Indicator
from slo.objectives import operations as slo
from tests.factories.changes import a_model, ask, change_of
from tests.factories.slo import MEASURER, MINUTE, a_service, an_indicator, an_objective
from tests.slo.prometheus_server import GOOD_QUERY, TOTAL_QUERY, Traffic, prometheus

DAYS, BURN_MINUTES = 16, 30
BURN_BEGAN = timedelta(days=8, hours=3)


def history(end: datetime) -> Iterator[Traffic]:
    """Sixty requests a minute, all good but for half an hour a bit more than eight days ago."""
    for back in range(DAYS * 1440, 0, -1):
        minute = end - MINUTE * back
        burning = end - BURN_BEGAN <= minute < end - BURN_BEGAN + MINUTE * BURN_MINUTES
        yield Traffic(minute, 0 if burning else 60, 60 if burning else 0)


def measured_at(at: datetime, objective: int) -> None:
    """What the scheduled tasks do each minute: pull, then evaluate."""
    measuring_operations.pull_source(DataSource.objects.get(), actor=MEASURER, at=at)
    slo.evaluate(at=at, objectives=[objective])
    assert Indicator.objects.get().last_error == ""


@pytest.mark.prometheus
@pytest.mark.django_db
def test_the_gate_follows_a_real_prometheus(asker: Any, owning: Any, settings: Any, tmp_path: Path) -> None:
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    before, burning, after = end - BURN_BEGAN, end - BURN_BEGAN + MINUTE * BURN_MINUTES, end - 2 * MINUTE
    with prometheus(tmp_path, history(end)) as server:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{server.port}"]
        service = a_service(tier=3)
        a_model(service, owning, at=before)
        indicator = an_indicator(
            source="prometheus", server_url=server.url, good_query=GOOD_QUERY, total_query=TOTAL_QUERY
        )
        objective = an_objective(at=before, service=service, indicator=indicator, window_days=7).pk

        def answer(at: datetime) -> Evaluation:
            measured_at(at, objective)
            return ask(service, asker, at=at, change_class="standard")

        first = answer(before)
        assert (first.outcome, first.status) == ("approved", "approved")

        held = answer(burning)
        assert (held.outcome, held.status, change_of(held).status) == ("postponed", "pending", Status.ASSESSING)
        assert held.decision.verdict["reasons"][0]["code"] == "budget_burning_fast"
        first.refresh_from_db()
        assert first.status == "expired"  # the collapse took it back before anybody started it

        back = answer(after)
        assert (back.outcome, back.status) == ("approved", "approved")
        assert [one.outcome for one in Decision.objects.order_by("pk")] == ["approved", "postponed", "approved"]
