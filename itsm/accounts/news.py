"""Which news of accounts and queues reach whom by themselves, whatever anybody wishes: each guards something."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("account.changed", _("The way into my account is changed"), "self", duty=True),
    Rule("account.new_place", _("I signed in from a new place"), "self", duty=True),
    Rule("account.left_things", _("Somebody has left, and things wait for somebody else"), "owner", duty=True),
    Rule("queue.rights_changed", _("Others may read or work in a queue that I lead"), "lead", duty=True),
)
