"""The life of an incident."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from incidents.incident.permissions import closers, concerned, confirmers, workers
from incidents.incident.vocabulary import CANCEL_CHOICES, HoldReason, ResolutionCode
from itsm.kernel.workflow import Agreed, Chosen, Moment, Step, Words, Workflow
from itsm.work.tasks import open_mandatory


class Status(TextChoices):
    NEW = "new", _("New")
    IN_PROGRESS = "in_progress", _("In progress")
    ON_HOLD = "on_hold", _("On hold")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = (Status.NEW, Status.IN_PROGRESS, Status.ON_HOLD)
OVER = (Status.RESOLVED, Status.CLOSED)


# What a step asks for, on the page and over REST alike, and what it needs.
a_resolution = Words(
    "resolution", "a_resolution", _("How was it resolved?"), 20_000, rows=5, missing=_("Say how it was resolved."),
    help=_("The reporter reads this, and so does whoever has the same trouble next."),
)  # fmt: skip
how_it_ended = Chosen(
    "resolution_code", "a_resolution_code", _("Outcome"), 20, missing=_("Say by which outcome."),
    choices=ResolutionCode.choices,
)  # fmt: skip
what_for = Chosen(
    "hold_reason", "a_hold_reason", _("What does it wait for?"), 20, missing=_("Say what it waits for."),
    help=_("Waiting for the caller stops the clock where the agreement says so; ask the question first."),
    choices=HoldReason.choices,
)  # fmt: skip
until = Moment(
    "hold_until", "an_instant", _("Until"), 0, required=False, help=_("Then work resumes by itself. Empty: until somebody does."),
)  # fmt: skip
why_none = Chosen(
    "cancel_code", "a_cancel_code", _("Why was it none?"), 20, missing=_("Say why it was none."),
    choices=CANCEL_CHOICES,
)  # fmt: skip
a_reason = Words("reason", "a_reason", _("Reason"), 2000, missing=_("Give a reason."))
survivor = Words(
    "into", "a_survivor", _("Which incident does it live on in?"), 20, rows=1, missing=_("Name the incident it lives on in."),
    help=_("Such as INC-00042. What people write here reaches that one from then on."),
)  # fmt: skip
consent = Agreed(
    "consent", "a_consent", _("Both callers may read the public notes of both"), 0, required=False,
    help=_("Needed where another caller reported the other one. Else link it as a duplicate: then they stay apart."),
)  # fmt: skip


def has_open_children(incident: Any) -> bool:
    """Whether something would be resolved with it; read along with the record where `queries.by_reference` found it."""
    known: bool | None = getattr(incident, "open_children", None)
    return bool(incident.children.filter(status__in=OPEN).exists()) if known is None else known


leave_blocked = Agreed(
    "leave_blocked", "a_leaving", _("Leave open what cannot be resolved with it"), 0, required=False,
    help=_("Its open children are resolved with it. One that cannot be stops that, unless it may stay open."),
    where=has_open_children,
)  # fmt: skip
lost_data = Agreed(
    "data_loss", "a_data_loss", _("Data was lost for good"), 0, required=False,
    help=_("A postmortem is written then."), where=lambda incident: incident.service_id is not None,
)  # fmt: skip
specialists = Words(
    "to", "a_higher_queue", _("To which queue of a higher tier?"), 64, rows=1, required=False,
    help=_("The last part of its address, such as network. Empty: to who leads the queue it lies in."),
)  # fmt: skip
for_the_lead = Words(
    "words", "words_for_them", _("What does it need?"), 2000, required=False, needed=True, help=_("Needed where no queue is named."),
)  # fmt: skip


def mandatory_tasks_done(incident: Any) -> str | None:
    """What is still to do before it is over; None where nothing is."""
    titles = [task.title for task in open_mandatory(incident)]
    return str(_("Still to do: %(tasks)s.") % {"tasks": "; ".join(titles)}) if titles else None


def was_merged(incident: Any) -> bool:
    return incident.merged_into_id is not None


def unconfirmed(incident: Any) -> bool:
    return not incident.confirmed


S = Status
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action         from                             to             who               recorded as            needs                    button                       history
    Step("acknowledge", (S.NEW,),                        S.IN_PROGRESS, who=workers,      done="acknowledged",                                        label=_("Start work"),       history=_("started work"), colour="blue"),
    Step("hold",        (S.IN_PROGRESS, S.ON_HOLD),      S.ON_HOLD,     who=workers,      done="put_on_hold",    needs=(what_for, a_reason),          label=_("Put on hold"),      history=_("put it on hold"), asks=(until,)),
    Step("resume",      (S.ON_HOLD,),                    S.IN_PROGRESS, who=workers,      done="resumed",                                             label=_("Resume"),           history=_("resumed work")),
    Step("resolve",     OPEN,                            S.RESOLVED,    who=workers,      done="resolved",       needs=(a_resolution, how_it_ended, mandatory_tasks_done), label=_("Resolve"),          history=_("resolved it"), colour="blue", asks=(leave_blocked, lost_data)),
    Step("reopen",      (S.RESOLVED,),                   S.IN_PROGRESS, who=concerned,    done="reopened",       needs=(a_reason,),                   label=_("Reopen"),           history=_("reopened it")),
    Step("close",       (S.RESOLVED,),                   S.CLOSED,      who=closers,      done="closed",                                              label=_("Close"),            history=_("closed it"), colour="blue"),
    Step("confirm",     OPEN,                            None,          who=confirmers,   done="confirmed",                                           label=_("I see it too"),     history=_("confirmed it: a second person has seen it"), offered=unconfirmed),
    Step("cancel",      OPEN,                            S.CANCELLED,   who=workers,      done="cancelled",      needs=(why_none, a_reason),          label=_("Cancel incident"),  history=_("cancelled it"), colour="red", seconded=True),
    Step("escalate",    OPEN,                            None,          who=workers,      done="escalated",                                           label=_("Escalate"),         history=_("escalated it"), asks=(specialists, for_the_lead)),
    Step("merge",       OPEN,                            S.CANCELLED,   who=workers,      done="merged",                                              label=_("Merge into another"), history=_("merged it into another"), asks=(survivor, consent)),
    Step("split",       (S.CANCELLED,),                  S.IN_PROGRESS, who=workers,      done="split_off",                                           label=_("Split off again"),  history=_("split it off again"), offered=was_merged),
    colours={S.NEW: "blue", S.IN_PROGRESS: "blue", S.ON_HOLD: "grey", S.RESOLVED: "green"},
)
# fmt: on
# What stands with its note in the story; and what only those who work here read there.
TOLD_WITH_ITS_NOTE = "incident.attached"
OF_THE_DESK = frozenset(
    f"incident.{event}"
    for event in ("private_file_withdrawn", "time_worked", "time_corrected", "time_withdrawn", "task_added",
                  "task_changed", "task_done", "task_undone", "task_removed", "automatic_mail", "mail_bounced")
)  # fmt: skip
HISTORY = {
    "created": _("opened this incident"),
    "field_purged": _("purged the value of a field"),
    "watched": _("let somebody follow it"),
    "unwatched": _("let somebody follow it no longer"),
    "unlinked": _("took a link away"),
    "task_added": _("added a task"),
    "task_changed": _("changed a task"),
    "task_done": _("did a task"),
    "task_undone": _("took a task up again"),
    "task_removed": _("took a task away"),
    "file_withdrawn": _("took a file back"),
    "private_file_withdrawn": _("took a file of the desk back"),
    "time_worked": _("noted time worked"),
    "time_corrected": _("corrected the time worked"),
    "time_withdrawn": _("withdrew time worked"),
    "closing_waits": _("could not close it yet"),
    "took_in": _("took another in"),
    "let_go": _("let another go"),
    "automatic_mail": _("noted a mail that a program sent"),
    "mail_bounced": _("noted that a mail did not arrive"),
    "alert_joined": _("joined more alerts to it"),
    "alert_storm": _("gathers a storm of alerts in it"),
    "alerts_ended": _("noted that all its alerts have ended"),
    "alert_acknowledged": _("noted that somebody acknowledged its alert elsewhere"),
    "moved_on": _("moved it on, with what it lives on in"),
}
