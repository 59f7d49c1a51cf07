"""Where a policy stands, and the words of its table."""

from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from changes.gate.steps import AskedFirst
from changes.gate.vocabulary import Column, ConditionCode, Decider, Need, Outcome, Row


class PolicyStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    RULING = "ruling", _("Ruling")
    SUPERSEDED = "superseded", _("Superseded")
    DISCARDED = "discarded", _("Discarded")


# Where a policy may still come to rule: it may run in shadow.
OPEN = (PolicyStatus.DRAFT, PolicyStatus.PROPOSED, PolicyStatus.APPROVED)


# The words of the decision table, for people.
ROWS: Mapping[Row, Any] = {
    Row.STANDARD: _("Standard"),
    Row.NORMAL_LOW: _("Normal, low risk"),
    Row.NORMAL_MEDIUM: _("Normal, medium risk"),
    Row.NORMAL_HIGH: _("Normal, high risk"),
    Row.RELIABILITY_FIX: _("Reliability fix"),
    Row.SECURITY_FIX: _("Security fix"),
    Row.ROLLBACK: _("Rollback"),
    Row.FLAG_OFF: _("Flag off"),
    Row.EMERGENCY: _("Emergency"),
}
COLUMNS: Mapping[Column, Any] = {
    Column.HEALTHY: _("Healthy"),
    Column.WATCH: _("Watch"),
    Column.CONSTRAINED: _("Constrained"),
    Column.RECOVERING: _("Recovering"),
    Column.EXHAUSTED: _("Exhausted"),
    Column.LOW_CONFIDENCE: _("Low confidence"),
    Column.UNMEASURED_TIER_1_2: _("Unmeasured, tier 1-2"),
    Column.UNMEASURED_TIER_3_4: _("Unmeasured, tier 3-4"),
    Column.NOT_YET_MEASURED: _("Not yet measured"),
    Column.NO_DATA: _("No data"),
    Column.BURNING_FAST: _("Burning fast, major"),
    Column.FREEZE: _("Freeze"),
    Column.LOCKDOWN: _("Lockdown"),
    Column.NON_PRODUCTION: _("Not production"),
}
ANSWERS: Mapping[Outcome, Any] = {
    Outcome.APPROVED: _("Approved"),
    Outcome.EXCEPTION: _("Exception"),
    Outcome.PEER: _("One approver"),
    Outcome.CAB: _("Board decides"),
    Outcome.POSTPONED: _("Postponed"),
    Outcome.BLOCKED: _("Blocked"),
}
ASKED_FIRST: Mapping[AskedFirst, Any] = {
    AskedFirst.MANAGER: _("the manager of who asks"),
    AskedFirst.TEAM_LEAD: _("a team lead"),
    AskedFirst.SERVICE_OWNER: _("the service owner"),
    AskedFirst.TEAM: _("the team"),
    AskedFirst.ROLE: _("the role"),
    AskedFirst.PERSON: _("the person"),
}
NEEDS: Mapping[Need, Any] = {
    Need.PEER_REVIEW: _("reviewed by another person"),
    Need.HISTORY_KNOWN: _("history known"),
    Need.PROGRESSIVE: _("progressive rollout"),
    Need.ROLLBACK_TESTED: _("rollback tested"),
    Need.TESTS: _("tests passed"),
    Need.SCANS: _("scans passed"),
}
CONDITIONS: Mapping[ConditionCode, Any] = {
    ConditionCode.PROGRESSIVE: _("roll out progressively"),
    ConditionCode.ONE_AT_A_TIME: _("one at a time"),
    ConditionCode.REVIEW_AFTERWARDS: _("review afterwards"),
    ConditionCode.NOTIFY_OWNER: _("tell the owner"),
}
DECIDERS: Mapping[Decider, Any] = {
    Decider.PEER: _("a peer"),
    Decider.OWNER: _("the service owner"),
    Decider.CAB: _("the board"),
    Decider.EMERGENCY_AUTHORITY: _("the emergency authority"),
    Decider.ECAB: _("the emergency board"),
}
