"""On-call over REST."""

from itsm.api.routing import Router
from itsm.oncall.api.otherwise import OnCallFeedViewSet, ScheduleOverrideViewSet, SwapViewSet, TimeOffViewSet
from itsm.oncall.api.reports import OnCallReportViewSet
from itsm.oncall.api.schedules import OnCallViewSet, ScheduleViewSet

__all__ = ["OnCallReportViewSet", "OnCallViewSet", "register"]


def register(router: Router) -> None:
    router.register("schedules", ScheduleViewSet, basename="schedule")
    router.register("schedule-overrides", ScheduleOverrideViewSet, basename="schedule-override")
    router.register("swaps", SwapViewSet, basename="swap")
    router.register("time-off", TimeOffViewSet, basename="time-off")
    router.register("on-call-feeds", OnCallFeedViewSet, basename="on-call-feed")
