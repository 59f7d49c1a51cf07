"""Every write to on-call schedules, one verb each."""

from itsm.oncall.operations.feeds import make_feed, revoke_feed
from itsm.oncall.operations.gaps import tell_gaps
from itsm.oncall.operations.layers import (
    Said,
    checked,
    from_document,
    people_in,
    preview_of,
    previewed,
    previewed_rota,
    said_now,
    with_layers,
)
from itsm.oncall.operations.overriding import override, withdraw_override
from itsm.oncall.operations.schedules import create_schedule, edit_schedule, go_live, retire_schedule
from itsm.oncall.operations.serving import write_served
from itsm.oncall.operations.swapping import ask_swap, give_back, take_swap, withdraw_swap
from itsm.oncall.operations.time_off import cancel_time_off, take_time_off
from itsm.oncall.operations.voiding import void_swap

__all__ = [
    "Said",
    "ask_swap",
    "cancel_time_off",
    "checked",
    "create_schedule",
    "edit_schedule",
    "from_document",
    "give_back",
    "go_live",
    "make_feed",
    "override",
    "people_in",
    "preview_of",
    "previewed",
    "previewed_rota",
    "retire_schedule",
    "revoke_feed",
    "said_now",
    "take_swap",
    "take_time_off",
    "tell_gaps",
    "void_swap",
    "with_layers",
    "withdraw_override",
    "withdraw_swap",
    "write_served",
]
