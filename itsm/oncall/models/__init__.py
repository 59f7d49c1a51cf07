"""What on-call schedules store."""

from itsm.oncall.models.exceptions import Override, OverridePerson, Swap, TimeOff
from itsm.oncall.models.feed import OnCallFeed
from itsm.oncall.models.schedule import Layer, Restriction, Schedule, Slot
from itsm.oncall.models.served import Served

__all__ = [
    "Layer",
    "OnCallFeed",
    "Override",
    "OverridePerson",
    "Restriction",
    "Schedule",
    "Served",
    "Slot",
    "Swap",
    "TimeOff",
]
