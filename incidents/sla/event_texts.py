"""What people read of why a clock began, paused or stopped."""

from django.utils.translation import gettext_lazy as _

WHY = {
    "opened": _("opened"),
    "answered": _("the desk answered"),
    "caller_spoke": _("the caller spoke"),
    "resolved": _("resolved"),
    "reopened": _("reopened"),
    "resumed": _("work resumed"),
    "cancelled": _("cancelled"),
    "merged": _("merged into another"),
    "split": _("split off again"),
    "held_caller": _("waits for the caller"),
    "held_vendor": _("waits for a vendor"),
    "held_change": _("waits for a change"),
    "held_problem": _("waits for a problem"),
    "held_other": _("waits for something else"),
}
