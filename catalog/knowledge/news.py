"""Which news of articles reach whom by themselves."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("article.proposed", _("An article of my team waits for a review"), "team"),
    Rule("article.returned", _("What I wrote is returned to be changed"), "caller"),
    Rule("article.published", _("What I wrote is published"), "caller"),
    Rule("article.review_due", _("An article of mine is due for another look"), "assignee"),
    Rule("article.retired", _("An article of mine is retired"), "assignee"),
)
