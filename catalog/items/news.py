"""Which news of catalog items reach whom by themselves."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("catalog_item.proposed", _("A catalog item of my team waits to be looked at"), "team"),
    Rule("catalog_item.returned", _("A catalog item that I wrote is returned to be changed"), "caller"),
    Rule("catalog_item.published", _("A catalog item that I wrote is published"), "caller"),
    Rule("catalog_item.retired", _("A catalog item of mine is retired"), "assignee"),
)
