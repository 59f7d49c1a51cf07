"""The four lives of a change, a table each: which one it walks, its class says, and the class is the gate's to say."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.change.permissions import (
    authorities,
    cancellers,
    closers,
    ecab,
    implementers,
    requesters,
    reviewers,
    the_system,
)
from changes.change.vocabulary import HELD_UP_BY, ChangeClass, OutcomeCode, ReviewCause
from changes.gate.vocabulary import Purpose
from itsm.kernel.texts import is_blank
from itsm.kernel.workflow import Step, Words, Workflow
from itsm.work.tasks import open_mandatory


class Status(TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    ASSESSING = "assessing", gettext_lazy("Assessing")
    AUTHORISING = "authorising", gettext_lazy("Authorising")
    SCHEDULED = "scheduled", gettext_lazy("Scheduled")
    ON_HOLD = "on_hold", gettext_lazy("On hold")
    RUNNING = "running", gettext_lazy("Running")
    REVIEWING = "reviewing", gettext_lazy("In review")
    CLOSED = "closed", gettext_lazy("Closed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


_IS_A_WAY_BACK = frozenset({Purpose.ROLLBACK.value, Purpose.FLAG_OFF.value})
WAITING = (Status.ASSESSING, Status.AUTHORISING)  # for the gate, for time, or for people
IN_FLIGHT = (Status.SCHEDULED, Status.RUNNING)
OVER = (Status.CLOSED, Status.CANCELLED)


def a_summary(change: Any) -> str | None:
    return _("Say what changes.") if is_blank(change.summary) else None


def an_authorisation(change: Any) -> str | None:
    return None if change.authorised_until else _("It has no authorisation that is still good.")


def is_still_good(change: Any) -> bool:
    """Of what is scheduled: once it has lapsed no start is offered, though the sweeper is yet to come."""
    return bool(change.is_authorised)


def a_review(change: Any) -> str | None:
    return None if change.reviewed_at else _("It has to be looked back at first: a review is due.")


def the_ecabs_review(change: Any) -> str | None:
    return a_review(change)


def a_review_where_due(change: Any) -> str | None:
    """Of what fell due as it ended, and of what is said to have failed only now."""
    owed = change.review_due_at is not None or change.outcome_code == OutcomeCode.UNSUCCESSFUL
    return a_review(change) if owed else None


def an_outcome(change: Any) -> str | None:
    return None if change.outcome_code else _("Say how it went: successful, successful with issues, or unsuccessful.")


def its_planning(change: Any) -> str | None:
    return _still_to_do(change, "start")


def its_implementation(change: Any) -> str | None:
    return _still_to_do(change, "finish")


def its_tests_and_reviews(change: Any) -> str | None:
    return _still_to_do(change, "close")


def way_back_missing(change: Any) -> str | None:
    """Of a normal change. A standard one has its model's, the emergency authority decides without one, and to roll back
    or to turn a flag off is a way back already.
    """
    if change.change_class != ChangeClass.NORMAL or change.purpose in _IS_A_WAY_BACK:
        return None
    if not is_blank(change.backout) or not is_blank(change.no_backout_because):
        return None
    return _("Say how to get back (backout), or why there is no way back (no_backout_because).")


def a_way_back(change: Any) -> str | None:
    """Of what a person asked for: as when it left their hands at first. Of a program's the gate finds it missing."""
    asked = change.requested_by
    return way_back_missing(change) if asked is not None and asked.is_human else None


def _still_to_do(change: Any, step: str) -> str | None:
    """The mandatory tasks that hold this step up; None where all are done."""
    titles = [task.title for task in open_mandatory(change, *HELD_UP_BY[step])]
    return _("Still to do: %(tasks)s.") % {"tasks": "; ".join(titles)} if titles else None


a_why = Words("why", "a_why", gettext_lazy("Why?"), 200, rows=1, required=False)
what_for = Words(
    "hold_reason", "a_hold_reason", gettext_lazy("What does it wait for?"), 200, rows=1,
    missing=gettext_lazy("Say what it waits for."),
    help=gettext_lazy("What was asked or authorised ends, and its share of the budget is given back."),
)  # fmt: skip

did_it_work = Words(
    "review_worked", "the_first_answer", gettext_lazy("Did it do what it should?"), 4000,
    missing=gettext_lazy("Say whether it did what it should."),
)  # fmt: skip
what_it_cost = Words(
    "review_cost", "the_second_answer", gettext_lazy("What did it cost?"), 4000,
    missing=gettext_lazy("Say what it cost."),
    help=gettext_lazy("Budget, time, trust: of us and of those who rely on it."),
)  # fmt: skip
what_we_change = Words(
    "review_follow_up", "the_third_answer", gettext_lazy("What do we change?"), 4000,
    missing=gettext_lazy("Say what is changed because of it, or why nothing is."),
)  # fmt: skip
ANSWERS = (did_it_work, what_it_cost, what_we_change)

_Read = dict[str, Any]  # label and history: texts of a row
# What a button reads, and what people read of it later: the same words in every table.
ASK: _Read = {"label": gettext_lazy("Ask the gate"), "history": gettext_lazy("asked the gate")}
APPROVE: _Read = {"label": gettext_lazy("Approve"), "history": gettext_lazy("authorised it")}
DECLINE: _Read = {"label": gettext_lazy("Decline"), "history": gettext_lazy("declined it")}
REVERT: _Read = {"label": gettext_lazy("Take back to draft"), "history": gettext_lazy("took it back to draft")}
HOLD: _Read = {"label": gettext_lazy("Put on hold"), "history": gettext_lazy("put it on hold")}
RESUME: _Read = {"label": gettext_lazy("Resume"), "history": gettext_lazy("resumed it: the gate is asked anew")}
START: _Read = {"label": gettext_lazy("Start"), "history": gettext_lazy("started it")}
FINISH: _Read = {"label": gettext_lazy("Finish"), "history": gettext_lazy("finished it")}
ROLL_BACK: _Read = {"label": gettext_lazy("Rolled back"), "history": gettext_lazy("rolled it back")}
REVIEW: _Read = {"label": gettext_lazy("Review"), "history": gettext_lazy("looked back at it")}
CLOSE: _Read = {"label": gettext_lazy("Close"), "history": gettext_lazy("closed it")}
AUTO_CLOSE: _Read = {
    "label": gettext_lazy("Close once its watch is over"),
    "history": gettext_lazy("closed it as its watch was over"),
}
CANCEL: _Read = {"label": gettext_lazy("Cancel change"), "history": gettext_lazy("cancelled it")}
WITHDRAW: _Read = {
    "label": gettext_lazy("Withdraw: it was authorised"),
    "history": gettext_lazy("withdrew it: its authorisation was found"),
}
EMERGENCY_FOUND: _Read = {
    "label": gettext_lazy("Treat as an emergency"),
    "history": gettext_lazy("found it to be an emergency"),
}
NONE_FOUND: _Read = {
    "label": gettext_lazy("Treat as a normal change"),
    "history": gettext_lazy("found it to be no emergency"),
}

S = Status
COLOURS: dict[str, str] = {
    S.ASSESSING: "blue", S.AUTHORISING: "blue", S.SCHEDULED: "green", S.ON_HOLD: "amber", S.RUNNING: "blue",
    S.REVIEWING: "blue", S.CLOSED: "grey",
}  # fmt: skip
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
NORMAL = Workflow(
    #    action                 from                                                from to         who                 recorded as              needs                       button and history
    Step("submit",             (S.DRAFT,),                                          S.ASSESSING,    who=requesters,     done="submitted",        needs=(a_summary,),         **ASK),
    Step("authorise",          (S.ASSESSING,),                                      S.SCHEDULED,    who=authorities,    done="authorised",       needs=(an_authorisation,),  **APPROVE),
    Step("decline",            (S.ASSESSING,),                                      S.DRAFT,        who=authorities,    done="declined",                                     **DECLINE),
    Step("revert",             (S.ASSESSING, S.SCHEDULED, S.ON_HOLD),               S.DRAFT,        who=requesters,     done="reverted",                                     **REVERT),
    Step("hold",               (S.ASSESSING, S.SCHEDULED),                          S.ON_HOLD,      who=cancellers,     done="put_on_hold",      needs=(what_for,),          **HOLD),
    Step("resume",             (S.ON_HOLD,),                                        S.ASSESSING,    who=cancellers,     done="resumed",          needs=(a_way_back,), **RESUME),
    Step("treat_as_emergency", (S.ASSESSING,),                                      S.AUTHORISING,  who=the_system,     done="found_emergency",                              **EMERGENCY_FOUND),
    Step("start",              (S.SCHEDULED,),                                      S.RUNNING,      who=implementers,   done="started",          needs=(an_authorisation, its_planning), **START, offered=is_still_good),
    Step("finish",             (S.RUNNING,),                                        S.REVIEWING,    who=implementers,   done="finished",         needs=(its_implementation,), **FINISH),
    Step("roll_back",          (S.RUNNING,),                                        S.REVIEWING,    who=implementers,   done="rolled_back",                                  **ROLL_BACK),
    Step("review",             (S.REVIEWING,),                                      None,           who=reviewers,      done="reviewed",         needs=ANSWERS,              **REVIEW),
    Step("close",              (S.REVIEWING,),                                      S.CLOSED,       who=closers,        done="closed",           needs=(an_outcome, a_review_where_due, its_tests_and_reviews), **CLOSE),
    Step("cancel",             (S.DRAFT, S.ASSESSING, S.SCHEDULED, S.ON_HOLD),      S.CANCELLED,    who=cancellers,     done="cancelled",                                    **CANCEL, colour="red", asks=(a_why,)),
    colours=COLOURS,
)

STANDARD = Workflow(
    # Pre-authorised work that ran clean needs no review: after the watch Headroom closes it by itself.
    Step("auto_close",         (S.REVIEWING,),                                      S.CLOSED,       who=the_system,     done="auto_closed",      needs=(an_outcome, a_review_where_due, its_tests_and_reviews), **AUTO_CLOSE),
    extends=NORMAL,
)

EMERGENCY = Workflow(
    # Nobody assesses what burns: it waits for those who may authorise an emergency, and is looked back at for certain.
    Step("submit",             (S.DRAFT,),                                          S.AUTHORISING,  who=requesters,     done="submitted",        needs=(a_summary,),         **ASK),
    Step("authorise",          (S.AUTHORISING,),                                    S.SCHEDULED,    who=authorities,    done="authorised",       needs=(an_authorisation,),  **APPROVE),
    Step("decline",            (S.AUTHORISING,),                                    S.DRAFT,        who=authorities,    done="declined",                                     **DECLINE),
    Step("revert",             (S.AUTHORISING, S.SCHEDULED, S.ON_HOLD),             S.DRAFT,        who=requesters,     done="reverted",                                     **REVERT),
    Step("hold",               (S.AUTHORISING, S.SCHEDULED),                        S.ON_HOLD,      who=cancellers,     done="put_on_hold",      needs=(what_for,),          **HOLD),
    Step("resume",             (S.ON_HOLD,),                                        S.AUTHORISING,  who=cancellers,     done="resumed",                                      **RESUME),
    Step("treat_as_normal",    (S.AUTHORISING,),                                    S.ASSESSING,    who=the_system,     done="found_no_emergency",                           **NONE_FOUND),
    Step("start",              (S.SCHEDULED,),                                      S.RUNNING,      who=implementers,   done="started",          needs=(an_authorisation, its_planning), **START, offered=is_still_good),
    Step("finish",             (S.RUNNING,),                                        S.REVIEWING,    who=implementers,   done="finished",         needs=(its_implementation,), **FINISH),
    Step("roll_back",          (S.RUNNING,),                                        S.REVIEWING,    who=implementers,   done="rolled_back",                                  **ROLL_BACK),
    Step("review",             (S.REVIEWING,),                                      None,           who=ecab,           done="reviewed",         needs=ANSWERS,              **REVIEW),
    Step("close",              (S.REVIEWING,),                                      S.CLOSED,       who=closers,        done="closed",           needs=(an_outcome, the_ecabs_review, its_tests_and_reviews), **CLOSE),
    Step("cancel",             (S.DRAFT, S.AUTHORISING, S.SCHEDULED, S.ON_HOLD),    S.CANCELLED,    who=cancellers,     done="cancelled",                                    **CANCEL, colour="red", asks=(a_why,)),
    colours=COLOURS, operations_of=NORMAL,
)

UNAUTHORISED = Workflow(
    # It went out without asking: what is left is to look at it. Nobody opens one by hand.
    Step("review",             (S.REVIEWING,),                                      None,           who=reviewers,      done="reviewed",         needs=ANSWERS,              **REVIEW),
    Step("close",              (S.REVIEWING,),                                      S.CLOSED,       who=closers,        done="closed",           needs=(an_outcome, a_review, its_tests_and_reviews),         **CLOSE),
    # Clocks differ: its authorisation was found after all.
    Step("withdraw",           (S.REVIEWING,),                                      S.CANCELLED,    who=the_system,     done="withdrawn",                                    **WITHDRAW),
    colours=COLOURS, operations_of=NORMAL,
)
# fmt: on

BY_CLASS: dict[str, Workflow] = {
    ChangeClass.STANDARD: STANDARD,
    ChangeClass.NORMAL: NORMAL,
    ChangeClass.EMERGENCY: EMERGENCY,
    ChangeClass.UNAUTHORISED: UNAUTHORISED,
}


# Looked back at whatever becomes of them.
REVIEWED_ANYWAY: dict[str, ReviewCause] = {
    ChangeClass.EMERGENCY: ReviewCause.EMERGENCY,
    ChangeClass.UNAUTHORISED: ReviewCause.UNAUTHORISED,
}


def states_of(change_class: str) -> list[str]:
    """The states that a change of this class may be in; where another class waits it only walks over to."""
    table = BY_CLASS[change_class]
    waits = {table.steps["submit"].target} if "submit" in table.steps else set()
    return sorted(table.states() - (set(WAITING) - waits))


# What people read of what is no step.
HISTORY = {
    "mail_heard": gettext_lazy("answered by mail, which decides nothing"),
    "mail_bounced": gettext_lazy("noted that a mail did not arrive"),
    "created": gettext_lazy("opened it"),
    "judged": gettext_lazy("judged it"),
    "sent_to_gate": gettext_lazy("had it judged again"),
    "asked_others": gettext_lazy("asked others than its policy names"),
    "held": gettext_lazy("held its start"),
    "confirmed": gettext_lazy("said that it may still go"),
    "callback_given_up": gettext_lazy("gave up telling who asked by callback: it does not answer"),
    "overridden": gettext_lazy("let it go by override"),
    "started_in_shadow": gettext_lazy("let it start in shadow, though it would not have"),
    "roll_back_called": gettext_lazy("called for it to be rolled back"),
    "stage_judged": gettext_lazy("judged a stage of its rollout"),
    "let_go": gettext_lazy("let it go again: what held it has passed"),
    "task_added": gettext_lazy("added a task"),
    "task_changed": gettext_lazy("changed a task"),
    "task_done": gettext_lazy("did a task"),
    "task_undone": gettext_lazy("took a task up again"),
    "task_removed": gettext_lazy("took a task away"),
    "tasks_ordered": gettext_lazy("put the tasks in another order"),
    "outcome_proposed": gettext_lazy("proposed how it went"),
    "cost_found": gettext_lazy("found what it cost"),
    "cause_withdrawn": gettext_lazy("said that it did not cause an incident after all"),
    "refunded": gettext_lazy("gave back some of what it was debited"),
    "impact_taken": gettext_lazy("kept whom it would hit"),
    "impact_added": gettext_lazy("named a service that it would hit"),
    "impact_removed": gettext_lazy("named a service no longer that it would hit"),
}
