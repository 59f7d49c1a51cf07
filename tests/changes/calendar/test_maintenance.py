"""Planned maintenance asks for corrections; somebody else decides; ending early takes back what is left."""

from datetime import timedelta

import pytest

from changes.calendar.operations import windows
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


def test_a_freeze_asks_for_nothing(managing) -> None:
    objective = an_objective()
    windows.add_window(
        actor=managing, window_type="freeze", name="Holidays", reason="Nobody here", at=T0, services=[objective.service],
        starts_at=T0 + timedelta(hours=1), ends_at=T0 + timedelta(hours=3),
    )  # fmt: skip
    assert not Correction.objects.exists()
