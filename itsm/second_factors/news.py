"""What administrators hear of by themselves, whatever they wish."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("break_glass.used", _("A break-glass administrator signed in"), "owner", duty=True, pages=True),
    Rule("break_glass.changed", _("A break-glass administrator was made or renewed"), "owner", duty=True),
    Rule("break_glass.untested", _("A break-glass administrator was not tried for ninety days"), "owner", duty=True),
)
