"""Which news of alerts reach whom by themselves."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("alerts.too_large", _("A source sends more alerts at once than are taken"), "owner"),
    Rule("alerts.unread", _("A body of alerts cannot be read"), "owner", default="daily"),
)
