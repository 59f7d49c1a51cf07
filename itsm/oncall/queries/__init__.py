"""Reads of on-call schedules: who is on duty, the final schedule, what is otherwise."""

from itsm.oncall.queries.duty import OnDuty, Place, final_shifts, gaps, on_duty
from itsm.oncall.queries.listing import by_service, schedule_called, used_by, visible_schedules
from itsm.oncall.queries.loading import rota_of

__all__ = [
    "OnDuty",
    "Place",
    "by_service",
    "final_shifts",
    "gaps",
    "on_duty",
    "rota_of",
    "schedule_called",
    "used_by",
    "visible_schedules",
]
