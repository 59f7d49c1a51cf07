"""Every write of capacity."""

from catalog.capacity.operations.forecasting import forecast_all, forecast_measure, forget_old_points
from catalog.capacity.operations.measures import add_measure, edit_measure, retire_measure, revive_measure
from catalog.capacity.operations.points import Sent, Taken, take_points

__all__ = [
    "Sent", "Taken", "add_measure", "edit_measure", "forecast_all", "forecast_measure", "forget_old_points",
    "retire_measure", "revive_measure", "take_points",
]  # fmt: skip
