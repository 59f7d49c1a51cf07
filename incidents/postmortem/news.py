"""Which news of postmortems reach whom by themselves. Everybody may wish otherwise, but for what is a duty."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("postmortem.required", _("A postmortem is required of what I worked on"), "assignee"),
    Rule("postmortem.required", _("A postmortem is required"), "lead", default="daily"),
    Rule("postmortem.submitted", _("A postmortem waits for a second person"), "lead"),
    Rule("postmortem.sent_back", _("A postmortem that I wrote is to be changed"), "assignee"),
    Rule("postmortem.published", _("A postmortem that I wrote is published"), "assignee"),
    Rule("postmortem.waiver_asked", _("Somebody asks that no postmortem is needed"), "lead"),
    Rule("postmortem.overdue", _("A postmortem is overdue"), "lead", duty=True),
    Rule("postmortem.action_given", _("I am given an action of a postmortem"), "assignee"),
    Rule("postmortem.action_soon", _("My action of a postmortem is due soon"), "assignee"),
    Rule("postmortem.action_overdue", _("My action of a postmortem is overdue"), "assignee", duty=True),
    Rule("postmortem.action_overdue", _("An action of a postmortem is overdue"), "lead", default="daily"),
)
