"""What the app stores: indicators and their hour rows, objectives and their versions, budgets, alerts, reservations."""

from slo.models.alert import BurnAlert
from slo.models.budget import Budget
from slo.models.indicator import Indicator, SliceHour
from slo.models.objective import Objective, ObjectiveVersion
from slo.models.reservation import Reservation

__all__ = ["Budget", "BurnAlert", "Indicator", "Objective", "ObjectiveVersion", "Reservation", "SliceHour"]
