"""A measure that goes wrong keeps no other one waiting for its forecast."""

import pytest

from catalog.capacity import operations
from catalog.capacity.operations import forecasting
from catalog.capacity.tasks import FORECASTER
from catalog.models import Forecast, Measure
from tests.catalog.capacity.test_capacity import NOON, a_measure, send

pytestmark = pytest.mark.django_db
ODD_ROWS = True  # they are what this is about


def test_a_measure_that_cannot_be_forecast_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    odd, other = a_measure(), a_measure()
    for measure in (odd, other):
        send(measure, [40.0] * 40)

    def senders(measure: Measure) -> list[int]:
        if measure.pk == odd.pk:
            raise RuntimeError
        return []

    monkeypatch.setattr(forecasting, "senders_of", senders)
    assert operations.forecast_all(actor=FORECASTER, at=NOON) == 1
    assert [one.measure_id for one in Forecast.objects.all()] == [other.pk]
