"""What people read of why a clock began, paused or stopped."""

from django.utils.translation import gettext_lazy as _

WHY = {
    "approved": _("approved"),
    "fulfilled": _("fulfilled"),
    "skipped": _("left out"),
    "declined": _("declined"),
    "asked_requester": _("the requester was asked"),
}
