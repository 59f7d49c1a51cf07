"""Which news of schedules reach whom by themselves. Everybody may wish otherwise."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("schedule.gaps", _("Nobody is on call for some time in a schedule of my team"), "team"),
    Rule("schedule_override.created", _("I am put on call by an override"), "assignee"),
    Rule("swap.created", _("Somebody of my team asks for a swap"), "team"),
    Rule("swap.taken", _("Somebody takes my turn"), "caller"),
    Rule("swap.taken", _("I am given a turn of somebody"), "assignee"),
    Rule("swap.given_back", _("A turn that I had given is mine again"), "caller"),
    Rule("swap.given_back", _("A turn that I had taken is not mine any more"), "assignee"),
    Rule("swap.voided", _("A swap of mine is void"), "caller"),
    Rule("swap.voided", _("A swap of mine is void"), "assignee"),
)
