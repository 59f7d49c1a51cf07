"""Two lives: items move, by people and by their approvals; a request is moved by its items."""

from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.requests.permissions import askers, fulfillers_or_system, the_system, workers
from catalog.requests.vocabulary import REOPENS_WITHIN
from itsm.kernel.workflow import Step, Words, Workflow


class Status(TextChoices):
    """Of a request."""

    DRAFT = "draft", _("Draft")
    APPROVING = "approving", _("Waits for approval")
    FULFILLING = "fulfilling", _("Being fulfilled")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")


class ItemStatus(TextChoices):
    """Of one item of a request."""

    DRAFT = "draft", _("Draft")
    APPROVING = "approving", _("Waits for approval")
    FULFILLING = "fulfilling", _("Being fulfilled")
    WAITING = "waiting", _("Waits for an answer")
    DONE = "done", _("Done")
    INCOMPLETE = "incomplete", _("Done in part")
    DECLINED = "declined", _("Declined")
    SKIPPED = "skipped", _("Left out")
    CANCELLED = "cancelled", _("Cancelled")


S, I = Status, ItemStatus  # noqa: E741 -- a table reads in columns
OPEN = (S.APPROVING, S.FULFILLING)
OVER = (S.DONE, S.DECLINED, S.CANCELLED)
ITEM_OPEN = (I.APPROVING, I.FULFILLING, I.WAITING)
ITEM_OVER = (I.DONE, I.INCOMPLETE, I.DECLINED, I.SKIPPED, I.CANCELLED)
IN_WORK = (I.FULFILLING, I.WAITING)
DELIVERED = (I.DONE, I.INCOMPLETE)


def is_new(request: Any) -> bool:
    return request.confirmed_at is None


def may_come_back(item: Any) -> bool:
    """Lately delivered: a person may say that something is missing."""
    return item.ended_at is not None and timezone.now() - item.ended_at <= REOPENS_WITHIN


def nothing_began(item: Any) -> bool:
    """While no task began it costs nothing yet."""
    return item.began_at is None


def nothing_is_to_do(item: Any) -> bool:
    """Once no task is open: where a page has looked at them."""
    return not (item.open_tasks or item.failed_tasks)


def no_open_task(item: Any) -> str | None:
    """Filled in by the operation: this table knows no tasks."""
    if item.open_tasks:
        return _now("Still to do: %(tasks)s.") % {"tasks": "; ".join(item.open_tasks)}
    if item.failed_tasks:
        return _now("Not done: %(tasks)s. Fulfil it in part, and say what is missing.") % {
            "tasks": "; ".join(item.failed_tasks)
        }
    return None


a_question = Words(
    "question", "a_question", _("What do you need to know?"), 2000, missing=_("Say what you wait for."),
    help=_("The requester reads this. Their answer takes it up again; until then its clock stands still."),
)  # fmt: skip
what_was_delivered = Words(
    "delivered", "what_was_delivered", _("What should they know?"), 2000, required=False, rows=2,
    help=_("The requester reads this, such as where to fetch it."),
)  # fmt: skip
why_not_all = Words(
    "reason", "why_not_all", _("What is missing, and why?"), 2000, missing=_("Say what is missing."),
    help=_("The requester reads this."),
)  # fmt: skip
why_left_out = Words(
    "reason", "why_left_out", _("Why is it left out?"), 2000, missing=_("Say why it is left out."),
    help=_("The requester reads this."),
)  # fmt: skip
why_declined = Words("reason", "why_declined", _("Why?"), 2000, missing=_("Say why."))
what_is_missing = Words(
    "reason", "what_is_missing", _("What is missing, or does not work?"), 2000, missing=_("Say what is missing."),
)  # fmt: skip
what_remains = Words("reason", "why_cancelled", _("Why?"), 2000, required=False, rows=2)

# fmt: off
# ruff: noqa: E501 -- a table reads in columns
REQUEST = Workflow(
    #    action     from                      to            who               recorded as        button                    history
    Step("submit",  (S.DRAFT,),               S.APPROVING,  who=askers,       done="submitted",  history=_("asked for it")),
    Step("begin",   (S.APPROVING,),           S.FULFILLING, who=the_system,   done="begun",      history=_("began to fulfil it")),
    Step("close",   OPEN,                     S.DONE,       who=the_system,   done="closed",     history=_("closed it: its last item is over")),
    Step("decline", OPEN,                     S.DECLINED,   who=the_system,   done="declined",   history=_("closed it: it was declined")),
    Step("cancel",  OPEN,                     S.CANCELLED,  who=askers,       done="cancelled",  label=_("Cancel the request"), history=_("cancelled it"), colour="red", asks=(what_remains,)),
    Step("call_off", OPEN,                    S.CANCELLED,  who=the_system,   done="called_off", history=_("closed it: all of it was cancelled")),
    Step("confirm", (S.DONE,),                None,         who=askers,       done="confirmed",  label=_("It works"), history=_("confirmed that it works"), colour="blue", offered=is_new),
    Step("resume",  OVER,                     S.FULFILLING, who=the_system,   done="resumed",    history=_("took it up again: something was missing")),
    colours={S.APPROVING: "amber", S.FULFILLING: "blue", S.DONE: "green", S.DECLINED: "red"},
)
ITEM = Workflow(
    #    action            from                       to             who                       recorded as           needs                   button                      history
    Step("submit",         (I.DRAFT,),                I.APPROVING,   who=askers,               done="submitted",                             history=_("asked for it")),
    Step("approve",        (I.APPROVING,),            I.FULFILLING,  who=the_system,           done="approved",                              history=_("passed it on: it is approved")),
    Step("decline",        (I.APPROVING,),            I.DECLINED,    who=the_system,           done="declined",      needs=(why_declined,),  history=_("closed it: it was declined")),
    Step("wait",           (I.FULFILLING,),           I.WAITING,     who=workers,              done="waits",         needs=(a_question,),    label=_("Ask the requester"), history=_("asked the requester")),
    Step("go_on",          (I.WAITING,),              I.FULFILLING,  who=fulfillers_or_system, done="goes_on",                               label=_("Go on"),           history=_("went on with it"), colour="blue"),
    Step("fulfil",         (I.FULFILLING,),           I.DONE,        who=fulfillers_or_system, done="fulfilled",     needs=(no_open_task,),  label=_("Fulfilled"),       history=_("fulfilled it"), colour="blue", asks=(what_was_delivered,), offered=nothing_is_to_do),
    Step("fulfil_in_part", IN_WORK,                   I.INCOMPLETE,  who=workers,              done="fulfilled_in_part", needs=(why_not_all,), label=_("Fulfilled in part"), history=_("fulfilled it in part")),
    Step("skip",           ITEM_OPEN,                 I.SKIPPED,     who=workers,              done="skipped",       needs=(why_left_out,),  label=_("Leave out"),       history=_("left it out"), colour="red"),
    Step("cancel",         ITEM_OPEN,                 I.CANCELLED,   who=askers,               done="cancelled",                             label=_("Cancel"),          history=_("cancelled it"), colour="red", asks=(what_remains,), offered=nothing_began),
    Step("reopen",         DELIVERED,                 I.FULFILLING,  who=askers,               done="reopened",      needs=(what_is_missing,), label=_("Something is missing"), history=_("said that something is missing"), offered=may_come_back),
    colours={I.APPROVING: "amber", I.FULFILLING: "blue", I.WAITING: "amber", I.DONE: "green", I.INCOMPLETE: "amber", I.DECLINED: "red"},
)
# fmt: on
HISTORY = {
    "automatic_mail": _("noted a mail that a program sent"),
    "mail_bounced": _("noted that a mail did not arrive"),
    "created": _("asked for it"),
    "noted": _("wrote"),
    "watched": _("follows it"),
    "unwatched": _("follows it no longer"),
    "attached": _("sent a file"),
    "file_withdrawn": _("took a file back"),
    "private_file_withdrawn": _("took a file back"),
}
ITEM_HISTORY = {
    "mail_heard": _("answered by mail, which decides nothing"),
    "mail_bounced": _("noted that a mail did not arrive"),
    "created": _("asked for it"),
    "assigned": _("handed it on"),
    "answered": _("decided about it"),
    "asked_others": _("asked others than it says"),
    "tasks_planned": _("planned what is to do"),
    "task_added": _("added a task"),
    "task_changed": _("changed a task"),
    "task_begun": _("began a task"),
    "task_done": _("did a task"),
    "task_not_done": _("could not do a task"),
    "task_skipped": _("left a task out"),
    "task_undone": _("took a task up again"),
    "task_removed": _("took a task away"),
    "change_opened": _("opened the change for a task"),
    "change_refused": _("could not open the change for a task; people look at it"),
    "change_ended": _("heard that the change for a task is over"),
}
