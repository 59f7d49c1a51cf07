"""Pages of on-call."""

from itsm.oncall.views.editing import edit, new, step_of_schedule
from itsm.oncall.views.feeds import feed, feeds, revoke
from itsm.oncall.views.otherwise import cancel_off, override, swap, swap_step, time_off, withdraw
from itsm.oncall.views.showing import mine, now, schedule

__all__ = [
    "cancel_off",
    "edit",
    "feed",
    "feeds",
    "mine",
    "new",
    "now",
    "override",
    "revoke",
    "schedule",
    "step_of_schedule",
    "swap",
    "swap_step",
    "time_off",
    "withdraw",
]
