"""The life of a problem."""

from datetime import timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from incidents.problem.permissions import managers, risk_owners, workers
from itsm.kernel.texts import is_blank
from itsm.kernel.workflow import Agreed, Moment, Person, Step, Words, Workflow


class Status(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    DISMISSED = "dismissed", _("Dismissed")
    NEW = "new", _("New")
    ANALYSING = "analysing", _("Analysing")
    KNOWN_ERROR = "known_error", _("Known error")
    FIXING = "fixing", _("Fixing")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")


S = Status
OPEN = (S.PROPOSED, S.NEW, S.ANALYSING, S.KNOWN_ERROR, S.FIXING)
STANDING = (*OPEN, S.RESOLVED)  # neither closed nor dismissed: one for each signature
STANDS_AS_KNOWN = (S.KNOWN_ERROR, S.FIXING)  # its workaround is offered, and a change may prove that it fixes it
OVER = (S.CLOSED, S.DISMISSED)
QUIET = timedelta(days=14)  # as long without a new incident, a fix is verified
LONGEST_RISK = timedelta(days=366)  # twelve months


def an_owner(problem: Any) -> str | None:
    return None if problem.owner_id is not None else _now("Say who owns it.")


def a_cause_or_unknown(problem: Any) -> str | None:
    if problem.cause_unknown or not is_blank(problem.cause):
        return None
    return _now("Say the cause, or that it is unknown.")


def a_way_round(problem: Any) -> str | None:
    return None if not is_blank(problem.workaround) else _now("Say the workaround: what helps until it is fixed.")


def a_linked_fix(problem: Any) -> str | None:
    """Filled in by the operation: this table knows no links."""
    return None if problem.has_fix else _now("Name the change that fixes it.")


def a_successful_fix(problem: Any) -> str | None:
    return problem.fix_missing or None


def a_review_in_time(problem: Any) -> str | None:
    if problem.risk_review_at is None:
        return None  # said by `a_review_date`
    now = timezone.now()
    if problem.risk_review_at <= now:
        return _now("The review lies in the past.")
    if problem.risk_review_at > now + LONGEST_RISK:
        return _now("A risk is looked at again within twelve months.")
    return None


whose = Person(
    "owner", "an_owner", _("Who owns it?"), 150, rows=1, required=False, needed=True,
    help=_("A user name. Empty: whoever owns it already, else you."),
)  # fmt: skip
a_cause = Words(
    "cause", "a_cause", _("What causes it?"), 20_000, rows=4, required=False, needed=True, help=_("Or tick below that it is unknown. Empty: as it stands."),
)  # fmt: skip
unknown = Agreed("cause_unknown", "unknown", _("The cause is unknown, and that is known"), 0, required=False)
a_workaround = Words(
    "workaround", "a_workaround", _("What helps until it is fixed?"), 20_000, rows=4, required=False, needed=True,
    help=_("Empty: as it stands. Whoever works on an incident reads this and can hand it on."),
)  # fmt: skip
the_fix = Words(
    "change", "a_change", _("Which change fixes it?"), 20, rows=1, required=False, needed=True,
    help=_("Such as CHG-00042. Empty: the one that is linked already."),
)  # fmt: skip
a_reason = Words("reason", "a_reason", _("Reason"), 2000, missing=_("Give a reason."))
why_risk = Words(
    "reason", "why_the_risk", _("Why is the risk accepted?"), 2000, required=False, needed=True, missing=_("Give a reason."),
    help=_("Those who wait are told."),
)  # fmt: skip
a_review_date = Moment(
    "risk_review_at", "a_review_date", _("When is the risk looked at again?"), 0, required=False, needed=True,
    missing=_("Say when the risk is looked at again."), help=_("Within twelve months."),
)  # fmt: skip
survivor = Words(
    "into", "a_surviving_problem", _("Which problem does it live on in?"), 20, rows=1,
    missing=_("Name the problem it lives on in."),
    help=_("Such as PRB-00042. Its links and open tasks move there."),
)  # fmt: skip


def was_not_merged(problem: Any) -> bool:
    return problem.duplicate_of_id is None


# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action         from                                         to             who               recorded as             needs                                button                        history
    Step("accept",      (S.PROPOSED,),                               S.NEW,         who=workers,      done="accepted",                                             label=_("Accept"),            history=_("accepted it as a problem"), colour="blue"),
    Step("dismiss",     (S.PROPOSED,),                               S.DISMISSED,   who=workers,      done="dismissed",       needs=(a_reason,),                   label=_("Dismiss"),           history=_("dismissed it"), colour="red"),
    Step("assess",      (S.NEW,),                                    S.ANALYSING,   who=workers,      done="assessed",        needs=(an_owner,),                   label=_("Analyse"),           history=_("began to analyse it"), colour="blue", asks=(whose,)),
    Step("know",        (S.ANALYSING,),                              S.KNOWN_ERROR, who=workers,      done="known",           needs=(a_cause_or_unknown, a_way_round), label=_("Known error"),   history=_("made it a known error"), colour="blue", asks=(a_cause, unknown, a_workaround)),
    Step("fix",         (S.ANALYSING, S.KNOWN_ERROR),                 S.FIXING,      who=workers,      done="fix_named",       needs=(a_linked_fix,),               label=_("Fix by change"),     history=_("named the change that fixes it"), asks=(the_fix,)),
    Step("resolve",     (S.FIXING,),                                 S.RESOLVED,    who=workers,      done="resolved",        needs=(a_successful_fix,),           label=_("Resolve"),           history=_("resolved it: the fix is in place"), colour="blue"),
    Step("verify",      (S.RESOLVED,),                               S.CLOSED,      who=workers,      done="verified",                                             label=_("Verify"),            history=_("verified the fix"), colour="blue"),
    Step("accept_risk", (S.ANALYSING, S.KNOWN_ERROR, S.FIXING),      S.CLOSED,      who=risk_owners,  done="risk_accepted",   needs=(why_risk, a_review_date, a_review_in_time), label=_("Accept the risk"), history=_("accepted the risk")),
    Step("merge",       OPEN,                                        S.CLOSED,      who=workers,      done="merged",                                               label=_("Merge into another"), history=_("merged it into another"), asks=(survivor,)),
    Step("cancel",      OPEN[1:],                                    S.CLOSED,      who=workers,      done="cancelled",       needs=(a_reason,),                   label=_("Cancel problem"),    history=_("cancelled it"), colour="red"),
    Step("re_analyse",  (S.CLOSED,),                                 S.ANALYSING,   who=managers,     done="analysed_again",  needs=(a_reason,),                   label=_("Analyse again"),     history=_("took it up again"), offered=was_not_merged),
    colours={S.PROPOSED: "amber", S.NEW: "blue", S.ANALYSING: "blue", S.KNOWN_ERROR: "amber", S.FIXING: "blue", S.RESOLVED: "green"},
)
# fmt: on
HISTORY = {
    "created": _("opened this problem"),
    "proposed": _("proposed it"),
    "recurred": _("found it again"),
    "noted": _("wrote a note"),
    "linked": _("linked a record"),
    "unlinked": _("took a link away"),
    "task_added": _("added a task"),
    "task_changed": _("changed a task"),
    "task_done": _("did a task"),
    "task_undone": _("took a task up again"),
    "task_removed": _("took a task away"),
    "took_in": _("took another in"),
    "broadcast": _("told those who wait"),
    "applied": _("applied the workaround to an incident"),
    "fix_closed": _("heard that the change that fixes it is over"),
    "automatic_mail": _("noted a mail that a program sent"),
    "mail_bounced": _("noted that a mail did not arrive"),
    "review_due": _("is due to be looked at again"),
}
