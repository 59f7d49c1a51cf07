"""The choices that describe a change, and the gate's outcomes as people read them, each with its colour."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from itsm.ui.colours import Word


class ChangeClass(TextChoices):
    STANDARD = "standard", _("Standard")
    NORMAL = "normal", _("Normal")
    EMERGENCY = "emergency", _("Emergency")


class OutcomeCode(TextChoices):
    SUCCESSFUL = "successful", _("Successful")
    WITH_ISSUES = "successful_with_issues", _("Successful with issues")
    UNSUCCESSFUL = "unsuccessful", _("Unsuccessful")


# One word for each outcome, wherever it stands.
OUTCOMES: dict[str, Word] = {
    "approved": (_("Approved"), "green"),
    "exception": (_("Exception"), "amber"),
    "peer": (_("One approver"), "blue"),
    "cab": (_("Board decides"), "blue"),
    "postponed": (_("Postponed"), "amber"),
    "blocked": (_("Blocked"), "red"),
}
