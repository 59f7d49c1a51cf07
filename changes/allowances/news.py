"""Which news of allowances reach whom by themselves."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("allowance.emptied", _("The allowance of a software agent of mine runs empty"), "owner"),
    Rule("allowance.emptied", _("The allowance of a team that I lead runs empty"), "lead"),
    Rule("allowance.emptied", _("An allowance on a service whose headroom I share out runs empty"), "approver"),
)
