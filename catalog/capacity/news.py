"""Which news of capacity reach whom by themselves."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (Rule("measure.runs_out", _("Something of my team may meet its limit"), "team"),)
