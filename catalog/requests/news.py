"""Which news of requests reach whom by themselves. Everybody may wish otherwise."""

from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import Rule

RULES = (
    Rule("request.submitted", _("Somebody asks for something in my name"), "caller"),
    Rule("request.answered", _("The desk answers on a request"), "caller"),
    Rule("request.answered", _("The desk answers on a request"), "watcher"),
    Rule("request.closed", _("A request is done"), "caller"),
    Rule("request.closed", _("A request is done"), "watcher"),
    Rule("request.declined", _("A request is declined"), "caller"),
    Rule("request.approved", _("There is something to fulfil"), "team", default="daily"),
    Rule("request.asker_answered", _("The requester answers"), "assignee"),
    Rule("request.asker_answered", _("The requester answers"), "team"),
    Rule("request.reopened", _("Something was missing"), "assignee"),
    Rule("request.reopened", _("Something was missing"), "team"),
    Rule("request.assigned", _("I am given it to fulfil"), "assignee"),
    Rule("request.task_given", _("I am given a task of a request"), "assignee"),
    Rule("request.task_given", _("I am given a task of a request"), "team", default="daily"),
    Rule("request.needs_people", _("What ran by itself needs people"), "assignee"),
    Rule("request.needs_people", _("What ran by itself needs people"), "team"),
    Rule("request.sla_warned", _("Its time runs short"), "assignee"),
    Rule("request.sla_warned", _("Its time runs short"), "team", default="daily"),
    Rule("request.sla_breached", _("It is overdue"), "assignee"),
    Rule("request.sla_breached", _("It is overdue"), "team"),
    Rule("request.sla_breached", _("It is overdue"), "lead", duty=True),
)
