"""Burn alerts from beginning to end: one burn is one incident, however it flickers, and low traffic wakes nobody."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from incidents.incident import operations as incidents
from incidents.incident.workflow import Status
from incidents.models import Incident
from itsm.audit.models import Entry
from itsm.kernel.errors import InvalidInput
from slo.engine.samples import Sample
from slo.models import Budget, BurnAlert, Objective
from slo.objectives import operations
from tests.factories.slo import MEASURER, MINUTE, T0, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def pages() -> list[BurnAlert]:
    return list(BurnAlert.objects.filter(severity="page").order_by("started_at"))


def resolved() -> Incident:
    incident = incidents.acknowledge(Incident.objects.get(), actor=MEASURER)
    return incidents.resolve(incident, actor=MEASURER, resolution_code="solved", resolution="Rolled back")


def lived(objective: Objective, since: datetime, minutes: str, failing: int = 500) -> Budget:
    """Minute after minute, each measured and evaluated: `x` fails, `.` does not, another sign says nothing."""
    for place, sign in enumerate(minutes):
        at = since + MINUTE * (place + 1)
        if sign in "x.":
            bad = failing if sign == "x" else 0
            measured(objective.indicator, [Sample(at - MINUTE, 1000 - bad, 1000)], at)
        budget = evaluated(objective, at)
    return budget


def test_a_flickering_burn_opens_one_incident() -> None:
    """Five minutes of failures every quarter of an hour: the row ends and begins again; the burn goes on."""
    objective = an_objective(window_days=7, alert_rows=["1h"])
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    for turn in range(4):
        lived(objective, T0 + MINUTE * 15 * turn, "xxxxx..........")
    (page,) = pages()
    assert page.flaps >= 3
    assert Incident.objects.count() == 1
    assert Entry.objects.filter(event="burn_alert.begun").count() == 1
    assert Entry.objects.filter(event="burn_alert.resumed").count() == page.flaps


def test_an_incident_that_was_resolved_meanwhile_is_reopened() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    lived(objective, T0, "xxxxxxxxxx" + "." * 32)
    (page,) = pages()
    assert page.ended_at is not None
    incident = resolved()
    lived(objective, T0 + MINUTE * 42, "xxxxxxxx")
    incident.refresh_from_db()
    assert incident.status not in {Status.RESOLVED, Status.CLOSED}
    assert [(one.pk, one.flaps, one.ended_at) for one in pages()] == [(page.pk, 1, None)]


def test_a_burn_after_a_calm_hour_is_another_one() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    lived(objective, T0, "xxxxxxxxxx" + "." * 30)
    resolved()
    ended = pages()[0].ended_at
    assert ended is not None
    later = ended + HOUR
    measured(objective.indicator, steady(later, 80), later)
    lived(objective, later, "xxxxxxxxxx")
    first, second = pages()
    assert (first.flaps, second.flaps, second.ended_at) == (0, 0, None)
    assert first.incident != second.incident
    assert Incident.objects.count() == 2


def test_an_alert_goes_on_while_its_short_window_still_burns() -> None:
    """The row no longer fires (burn below its factor), but more is spent than is sustainable: it is not over."""
    objective = an_objective(alert_rows=["1h"])
    measured(objective.indicator, steady(T0, 28 * 1440), T0)
    lived(objective, T0, "x" * 10)
    assert pages()[0].ended_at is None
    faint = lived(objective, T0 + MINUTE * 10, "x" * 6, failing=2)
    assert (faint.firing, faint.burn[0]) == ([], 2)
    assert pages()[0].ended_at is None
    just = lived(objective, T0 + MINUTE * 16, "x" * 5, failing=1)
    assert just.burn[0] == 1
    assert pages()[0].ended_at == T0 + MINUTE * 21


def test_a_ticket_waits_until_the_page_is_over() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 4320, bad=100), T0)
    assert set(evaluated(objective, T0).firing) == {"1h", "6h", "1d", "3d"}
    assert [one.severity for one in BurnAlert.objects.all()] == ["page"]
    later = T0 + MINUTE * 40  # the page's short windows are clean, the ticket's are not
    measured(objective.indicator, steady(later, 40), later)
    budget = evaluated(objective, later)
    assert set(budget.firing) == {"1d", "3d"}
    assert [(one.severity, one.ended_at) for one in BurnAlert.objects.order_by("started_at")] == [
        ("page", later), ("ticket", None),
    ]  # fmt: skip


@pytest.mark.parametrize(("failing", "alerts"), [(1, False), (4, False), (5, True), (10, True)])
def test_low_traffic_alerts_by_the_number_that_failed(failing: int, alerts: bool) -> None:
    """Ten requests an hour: one that fails burns a hundredfold and means nothing; all ten mean an outage."""
    objective = an_objective()
    minutes = [T0 - MINUTE * (6 * back + 1) for back in range(10)]
    samples = [Sample(minute, int(place >= failing), 1) for place, minute in enumerate(minutes)]
    measured(objective.indicator, samples, T0)
    budget = evaluated(objective, T0)
    assert min(budget.burn[0], budget.burn[2]) >= 100
    assert ("1h" in budget.firing) is alerts
    assert bool(pages()) is alerts


def test_slices_that_failed_are_counted_as_slices() -> None:
    """One bad minute of a day is a blip, two are an outage, whatever the traffic was."""
    fields: dict[str, Any] = {"method": "timeslices", "time_slice_target": Decimal("0.9"), "target": Decimal("0.9999")}
    one, two = an_objective(**fields), an_objective(**fields)
    for objective, failed in ((one, 1), (two, 2)):
        measured(objective.indicator, [*steady(T0 - MINUTE * failed, 58), *steady(T0, failed, bad=1000)], T0)
        evaluated(objective, T0)
    assert [alert.objective_id for alert in pages()] == [two.pk]


def test_rows_that_can_never_fire_are_refused_when_somebody_asks_for_them() -> None:
    loose = {"target": Decimal("0.9")}  # burns at most at 10; the hour's row wants 13.44
    with pytest.raises(InvalidInput, match=r"The 1h row can never fire: it needs a burn above 13.44"):
        an_objective(alert_rows=["1h", "6h"], **loose)
    objective = an_objective(alert_rows=["6h"], **loose)
    with pytest.raises(InvalidInput, match="1h"):
        operations.edit_objective(objective, actor=MEASURER, version=1, at=T0, alert_rows=["1h"])
    strict = an_objective(alert_rows=["1h"])
    with pytest.raises(InvalidInput, match="can never fire"):
        operations.edit_objective(strict, actor=MEASURER, version=1, at=T0, target=Decimal("0.9"))
    with pytest.raises(InvalidInput, match="1h, 6h, 1d and 3d"):
        an_objective(alert_rows=["2h"])


def test_only_the_rows_that_were_asked_for_fire() -> None:
    objective, silent = an_objective(alert_rows=["6h"]), an_objective(alert_rows=[])
    for one in (objective, silent):
        measured(one.indicator, steady(T0, 400, bad=500), T0)
        evaluated(one, T0)
    assert Budget.objects.get(pk=objective.pk).firing == ["6h"]
    assert Budget.objects.get(pk=silent.pk).firing == []
    assert [page.objective_id for page in pages()] == [objective.pk]


def test_a_retired_objective_burns_no_more() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    measured(objective.indicator, steady(T0, 60, bad=500), T0)
    evaluated(objective, T0)
    alert = BurnAlert.objects.get(objective=objective, severity="page")
    assert alert.ended_at is None
    operations.retire_objective(objective, actor=MEASURER, version=1, at=T0 + MINUTE)
    alert.refresh_from_db()
    assert (alert.ended_at, alert.told) == (T0 + MINUTE, "ended")
    assert operations.evaluate(at=T0 + 2 * MINUTE) == 0


def test_the_rows_that_people_chose_steer_alerts_but_not_the_state() -> None:
    objective = an_objective(window_days=7, alert_rows=["3d"])
    measured(objective.indicator, steady(T0, 7 * 1440), T0)
    measured(objective.indicator, steady(T0, 60, bad=500), T0)
    assert evaluated(objective, T0).state == "burning_fast"
    assert not BurnAlert.objects.filter(objective=objective, severity="page").exists()
