"""What is stored of paging."""

from itsm.paging.models.escalations import Escalation, EscalationTaken
from itsm.paging.models.pages import AttemptOutcome, AttemptReport, Page, PageAttempt
from itsm.paging.models.people import ContactPoint, PersonalRule
from itsm.paging.models.policies import EscalationPolicy, EscalationStep, StepTarget
from itsm.paging.models.providers import PagingProvider

__all__ = [
    "AttemptOutcome",
    "AttemptReport",
    "ContactPoint",
    "Escalation",
    "EscalationPolicy",
    "EscalationStep",
    "EscalationTaken",
    "Page",
    "PageAttempt",
    "PagingProvider",
    "PersonalRule",
    "StepTarget",
]
