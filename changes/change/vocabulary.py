"""The choices that describe a change, and the gate's outcomes as people read them, each with its colour."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from changes.change_models.vocabulary import TaskKind
from itsm.ui.colours import Word


class ChangeClass(TextChoices):
    STANDARD = "standard", _("Standard")
    NORMAL = "normal", _("Normal")
    EMERGENCY = "emergency", _("Emergency")
    UNAUTHORISED = "unauthorised", _("Unauthorised")


# What can be asked for: that it went out without asking is found, never claimed.
CLAIMED = [(one.value, one.label) for one in ChangeClass if one is not ChangeClass.UNAUTHORISED]


# The purpose of a chaos experiment. The gate judges it as a feature, with the stake that it says (`Change.stake`).
EXPERIMENT = "experiment"


class OutcomeCode(TextChoices):
    SUCCESSFUL = "successful", _("Successful")
    WITH_ISSUES = "successful_with_issues", _("Successful with issues")
    UNSUCCESSFUL = "unsuccessful", _("Unsuccessful")


# From the kindest on: what was seen is never made kinder by itself.
STRICTNESS = (OutcomeCode.SUCCESSFUL, OutcomeCode.WITH_ISSUES, OutcomeCode.UNSUCCESSFUL)


class ReviewCause(TextChoices):
    """Why people look back at a change."""

    EMERGENCY = "emergency", _("it was an emergency")
    UNAUTHORISED = "unauthorised", _("it went out without an authorisation")
    OVERRIDE = "override", _("it went by override")
    UNSUCCESSFUL = "unsuccessful", _("it was unsuccessful")
    ROLLED_BACK = "rolled_back", _("it was rolled back")
    COST = "cost", _("it cost more than a fifth of an error budget")
    CONDITION = "condition", _("it was approved on the condition of a review")


# Where a mandatory task that is still to do stands in the way: of the step, in the state that it leaves.
HELD_UP_BY: dict[str, tuple[TaskKind, ...]] = {
    "start": (TaskKind.PLANNING,),
    "finish": (TaskKind.IMPLEMENTATION,),
    "close": (TaskKind.TESTING, TaskKind.REVIEW),
}
HOLDS_UP: dict[str, Any] = {
    TaskKind.PLANNING: _("before it starts"),
    TaskKind.IMPLEMENTATION: _("before it is finished"),
    TaskKind.TESTING: _("before it is closed"),
    TaskKind.REVIEW: _("before it is closed"),
}


# One word for each outcome, wherever it stands.
# What a stage of a rollout is answered, and what became of an experiment's hypothesis, as histories tell it.
STAGE_ANSWERS: dict[str, Word] = {
    "go_on": (_("Go on"), "green"), "hold": (_("Hold"), "amber"), "roll_back": (_("Roll back"), "red"),
}  # fmt: skip
FINDINGS: dict[str, Word] = {
    "held": (_("The hypothesis held"), "green"),
    "refuted": (_("The hypothesis did not hold"), "red"),
    "inconclusive": (_("Nothing is shown"), "grey"),
}
OUTCOMES: dict[str, Word] = {
    "approved": (_("Approved"), "green"),
    "exception": (_("Exception"), "amber"),
    "peer": (_("One approver"), "blue"),
    "cab": (_("Board decides"), "blue"),
    "postponed": (_("Postponed"), "amber"),
    "blocked": (_("Blocked"), "red"),
}
