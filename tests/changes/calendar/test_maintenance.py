"""Planned maintenance asks for corrections; somebody else decides; ending early takes back what is left."""

from datetime import timedelta

import pytest

from changes.calendar.operations import maintenance, windows
from changes.models import CalendarOccurrence
from itsm.kernel.errors import NotPermitted
from slo.models import Correction
from slo.objectives import operations as slo
from tests.factories.slo import MINUTE, T0, a_service, an_objective

pytestmark = pytest.mark.django_db


@pytest.fixture
def window(managing):
    shop = a_service()
    for environment in ("production", "staging"):
        an_objective(service=shop, environment=environment)
    an_objective()  # of another service
    return windows.add_window(
        actor=managing, window_type="maintenance", name="Disks", reason="New ones", at=T0, services=[shop],
        starts_at=T0 + timedelta(hours=1), ends_at=T0 + timedelta(hours=3), environments=["production"],
    )  # fmt: skip


def test_one_proposal_for_each_objective_concerned(window) -> None:
    (correction,) = Correction.objects.all()
    assert (correction.category, correction.status) == ("scheduled_maintenance", "proposed")
    assert (correction.starts_at, correction.ends_at) == (window.starts_at, window.ends_at)
    assert correction.objective.environment == "production"
    assert correction.reason == "Disks: New ones"


def test_who_declared_it_does_not_decide(window, managing, owning) -> None:
    with pytest.raises(NotPermitted):
        slo.approve_correction(Correction.objects.get(), actor=managing, at=T0)
    slo.approve_correction(Correction.objects.get(), actor=owning, at=T0)


def test_ending_early_counts_the_rest_again(window, managing, owning) -> None:
    slo.approve_correction(Correction.objects.get(), actor=owning, at=T0)
    ended = window.starts_at + 20 * MINUTE
    windows.lift_window(window, actor=managing, version=window.version, at=ended)
    old, new = Correction.objects.order_by("pk")
    assert (old.status, new.status) == ("withdrawn", "proposed")
    assert (new.starts_at, new.ends_at) == (window.starts_at, ended)


def test_what_recurs_asks_about_each_time_a_week_ahead_once_and_follows_its_calendar(managing, owning) -> None:
    objective = an_objective(service=a_service())
    counted = list(objective.counted_periods.values_list("pk"))
    night = timedelta(days=1)
    window = windows.add_window(
        actor=managing, window_type="maintenance", name="Disks", reason="New ones", at=T0, services=[objective.service],
        starts_at=T0 + timedelta(hours=1), ends_at=T0 + timedelta(hours=3), rrule="FREQ=DAILY;INTERVAL=4", zone="UTC",
    )  # fmt: skip

    def asked() -> list[tuple[int, str]]:
        rows = Correction.objects.order_by("starts_at", "pk")
        return [((one.starts_at - T0).days, one.status) for one in rows]

    assert asked() == [(0, "proposed"), (4, "proposed")]
    assert maintenance.ask_ahead(T0 + night) == 0
    assert [maintenance.ask_ahead(T0 + 2 * night), maintenance.ask_ahead(T0 + 2 * night)] == [1, 0]
    assert asked() == [(0, "proposed"), (4, "proposed"), (8, "proposed")]
    assert list(objective.counted_periods.values_list("pk")) == counted, "it only asks"
    first, second, third = Correction.objects.order_by("starts_at")
    assert (third.owner_id, third.reason) == (managing.id, "Disks: New ones")
    with pytest.raises(NotPermitted):  # nor who entered the window decides what the clock asks in their name
        slo.approve_correction(third, actor=managing, at=T0)
    slo.approve_correction(first, actor=owning, at=T0)
    slo.decline_correction(second, actor=owning, at=T0, reason="Not that one.")
    CalendarOccurrence.objects.filter(window=window, period__startswith=third.starts_at).update(
        period=(third.starts_at + timedelta(hours=1), third.ends_at + timedelta(hours=1))
    )
    assert maintenance.ask_ahead(T0 + 3 * night) == 1, "new zone data moved it"
    assert asked() == [(0, "approved"), (4, "declined"), (8, "withdrawn"), (8, "proposed")]
    # Nights on which nothing ran are caught up with; what is lifted asks no more, and shortens what goes on.
    assert maintenance.ask_ahead(T0 + 14 * night) == 3
    now = T0 + 12 * night + timedelta(hours=2)
    windows.lift_window(window, actor=managing, version=window.version, at=now)
    assert asked()[3:] == [(8, "proposed"), (12, "withdrawn"), (12, "proposed"), (16, "withdrawn"), (20, "withdrawn")]
    assert Correction.objects.filter(starts_at=T0 + 12 * night + timedelta(hours=1)).latest("pk").ends_at == now
    assert maintenance.ask_ahead(T0 + 15 * night) == 0


def test_a_freeze_asks_for_nothing(managing) -> None:
    objective = an_objective()
    windows.add_window(
        actor=managing, window_type="freeze", name="Holidays", reason="Nobody here", at=T0, services=[objective.service],
        starts_at=T0 + timedelta(hours=1), ends_at=T0 + timedelta(hours=3),
    )  # fmt: skip
    assert not Correction.objects.exists()
