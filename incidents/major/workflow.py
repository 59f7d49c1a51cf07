"""The life of a major incident. From `accept` to `demote` or the end of the incident it holds changes."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from incidents.incident.vocabulary import ResolutionCode
from incidents.major.permissions import commanders, deciders, enders, proposers, workers
from incidents.major.vocabulary import NoticeFate, Severity
from itsm.kernel.workflow import Chosen, Moment, Person, Step, Words, Workflow
from itsm.work.tasks import open_mandatory


class Status(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    LIVE = "live", _("Live")
    MITIGATED = "mitigated", _("Mitigated")
    RESOLVED = "resolved", _("Resolved")
    CONCLUDED = "concluded", _("Concluded")
    REJECTED = "rejected", _("Rejected")
    DEMOTED = "demoted", _("Demoted")


S = Status
RUNNING = (S.LIVE, S.MITIGATED)
TURNED_DOWN = (S.REJECTED, S.DEMOTED)
ACCEPTED = (*RUNNING, S.RESOLVED, S.CONCLUDED)  # its incident counts as a major one


def a_severity(major: Any) -> str | None:
    return None if major.severity is not None else _now("Say how severe it is.")


def a_commander(major: Any) -> str | None:
    return None if major.commander_id is not None else _now("Name who commands it.")


def times_in_order(major: Any) -> str | None:
    """Filled in by the operation, which judges the instants by the rules."""
    return major.times_wrong or None


def mandatory_tasks_done(major: Any) -> str | None:
    """What is still to do before it is over; None where nothing is."""
    titles = [task.title for task in open_mandatory(major)]
    return _now("Still to do: %(tasks)s.") % {"tasks": "; ".join(titles)} if titles else None


how_severe = Chosen(
    "severity", "a_severity", _("How great is the harm?"), 20, choices=[(str(value), label) for value, label in Severity.choices],
)  # fmt: skip
who_commands = Person(
    "commander", "a_commander", _("Who commands it?"), 150, rows=1, required=False, needed=True,
    help=_("A user name. Empty: you."),
)  # fmt: skip
whom_it_harms = Words(
    "impact", "an_impact", _("Whom does it harm, and how?"), 2000, required=False,
)  # fmt: skip
a_reason = Words("reason", "a_reason", _("Reason"), 2000, missing=_("Give a reason."))
why_major = Words("reason", "a_reason", _("Why is it a major incident?"), 2000, missing=_("Give a reason."))
what_of_the_notice = Chosen(
    "notice_fate", "a_fate_of_the_notice", _("What becomes of the public notice?"), 20,
    missing=_("Say what becomes of the public notice."), choices=NoticeFate.choices,
)  # fmt: skip
when_mitigated = Moment(
    "mitigated_at", "an_instant_of_mitigation", _("Since when is the harm over, or small?"), 0, required=False,
    help=_("Empty: as it stands, else now."),
)  # fmt: skip
when_resolved = Moment(
    "resolved_at", "an_instant_of_resolution", _("Since when is the cause gone?"), 0, required=False, help=_("Empty: now."),
)  # fmt: skip
a_resolution = Words(
    "resolution", "a_resolution", _("How was it resolved?"), 20_000, rows=5,
    help=_("The incident is resolved with it. Its reporter reads this."),
)  # fmt: skip
how_it_ended = Chosen("resolution_code", "a_resolution_code", _("Outcome"), 20, choices=ResolutionCode.choices)
news = Words(
    "text", "an_update", _("What do those who wait need to know?"), 2000, rows=4,
    help=_("What is known, what is done about it, and when more is said. Stakeholders hear it at once."),
)  # fmt: skip
_FIRST = _("Empty: as it stands.")
times = (
    Moment("started_at", "an_instant", _("The harm began"), 0, required=False, help=_FIRST),
    Moment("detected_at", "an_instant_of_detection", _("Somebody or something saw it"), 0, required=False, help=_FIRST),
    Moment("acknowledged_at", "an_instant_of_acknowledging", _("Work began"), 0, required=False, help=_FIRST),
    Moment(
        "mitigated_at", "an_instant_of_mitigation", _("The harm was over, or small"), 0, required=False, help=_FIRST
    ),
    Moment("resolved_at", "an_instant_of_resolution", _("The cause was gone"), 0, required=False, help=_FIRST),
)

# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action           from                                      to            who             recorded as              needs                                  button                        history
    Step("propose",       TURNED_DOWN,                              S.PROPOSED,   who=proposers,  done="proposed",         needs=(why_major,),                    label=_("Propose again"),     history=_("proposed it as a major incident"), colour="blue"),
    Step("accept",        (S.PROPOSED,),                            S.LIVE,       who=deciders,   done="accepted",         needs=(a_severity, a_commander, times_in_order), label=_("Accept"),            history=_("accepted it as a major incident"), colour="blue", asks=(how_severe, who_commands, whom_it_harms)),
    Step("reject",        (S.PROPOSED,),                            S.REJECTED,   who=deciders,   done="rejected",         needs=(a_reason,),                     label=_("Reject"),            history=_("rejected the proposal"), colour="red"),
    Step("inform",        (*RUNNING, S.RESOLVED),                   None,         who=workers,    done="updated",                                                 label=_("Update"),            history=_("told those who wait"), colour="blue", asks=(news,)),
    Step("mitigate",      (S.LIVE,),                                S.MITIGATED,  who=commanders, done="mitigated",        needs=(times_in_order,),               label=_("Mitigated"),         history=_("said that the harm is over, or small"), colour="blue", asks=(when_mitigated,)),
    Step("flare_up",      (S.MITIGATED,),                           S.LIVE,       who=commanders, done="flared_up",                                               label=_("It flares up"),      history=_("said that it flares up again")),
    Step("resolve",       RUNNING,                                  S.RESOLVED,   who=commanders, done="resolved",         needs=(times_in_order,),               label=_("Resolve"),           history=_("resolved it"), colour="blue", asks=(a_resolution, how_it_ended, when_mitigated, when_resolved)),
    Step("reopen",        (S.RESOLVED,),                            S.LIVE,       who=commanders, done="reopened",         needs=(a_reason,),                     label=_("Reopen"),            history=_("took it up again")),
    Step("correct_times", (*RUNNING, S.RESOLVED),                   None,         who=workers,    done="times_corrected",  needs=(a_reason, times_in_order),      label=_("Correct times"),     history=_("corrected its times"), asks=times),
    Step("conclude",      (S.RESOLVED,),                            S.CONCLUDED,  who=enders,     done="concluded",        needs=(mandatory_tasks_done,),         label=_("Conclude"),          history=_("concluded it"), colour="blue"),
    Step("demote",        (S.PROPOSED, S.LIVE, S.MITIGATED),        S.DEMOTED,    who=deciders,   done="demoted",          needs=(a_reason, what_of_the_notice),  label=_("Demote"),            history=_("said that it is no major incident"), colour="red", seconded=True),
    colours={S.PROPOSED: "amber", S.LIVE: "red", S.MITIGATED: "amber", S.RESOLVED: "green", S.CONCLUDED: "grey"},
)
# fmt: on
HISTORY = {
    "created": _("proposed a major incident"),
    "edited": _("changed it"),
    "appointed": _("changed who plays which part"),
    "late": _("found that an update is overdue"),
    "unanswered": _("found the proposal unanswered"),
    "stakeholder_added": _("let somebody hear of it"),
    "stakeholder_removed": _("let somebody hear of it no longer"),
    "moment_added": _("noted a moment"),
    "moment_removed": _("took a moment away"),
    "task_added": _("added a task"),
    "task_changed": _("changed a task"),
    "task_done": _("did a task"),
    "task_undone": _("took a task up again"),
    "task_removed": _("took a task away"),
    "rule_found": _("found another reason"),
}
