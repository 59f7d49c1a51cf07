"""What the app stores, for Django; a folder per sub-domain holds it."""

from incidents.alerts_in.models import (
    AlertIntake,
    AlertOccurrence,
    AlertSource,
    AlertTally,
    Quiet,
    QuietCopy,
    RoutingVersion,
)
from incidents.escalation.models import EscalationRoute
from incidents.imports.models import Imported, ImportedEvent
from incidents.incident.models import AlertKey, Category, Incident, Matrix, OpenSpan
from incidents.incident.vocabulary import Priority
from incidents.major.models import CandidateRule, Major, MajorUpdate, PinnedMoment, Stakeholder
from incidents.postmortem.models import Postmortem, PostmortemAction, PostmortemEvent, PostmortemVersion
from incidents.problem.models import Broadcast, BroadcastDelivery, FixWord, Problem, ProblemBurn, ProblemRanking
from incidents.reports.models import ReportMail, SavedReport

__all__ = [
    "AlertIntake",
    "AlertKey",
    "AlertOccurrence",
    "AlertSource",
    "AlertTally",
    "Broadcast",
    "BroadcastDelivery",
    "CandidateRule",
    "Category",
    "EscalationRoute",
    "FixWord",
    "Imported",
    "ImportedEvent",
    "Incident",
    "Major",
    "MajorUpdate",
    "Matrix",
    "OpenSpan",
    "PinnedMoment",
    "Postmortem",
    "PostmortemAction",
    "PostmortemEvent",
    "PostmortemVersion",
    "Priority",
    "Problem",
    "ProblemBurn",
    "ProblemRanking",
    "Quiet",
    "QuietCopy",
    "ReportMail",
    "RoutingVersion",
    "SavedReport",
    "Stakeholder",
]
