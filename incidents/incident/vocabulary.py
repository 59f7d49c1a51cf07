"""The choices that describe an incident; its states are in `workflow`."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Priority(IntegerChoices):
    """Impact times urgency, 1 the most pressing (SN numbering)."""

    CRITICAL = 1, _("P1 Critical")
    HIGH = 2, _("P2 High")
    MODERATE = 3, _("P3 Moderate")
    LOW = 4, _("P4 Low")
    PLANNING = 5, _("P5 Planning")


class Level(IntegerChoices):
    """How far it reaches (impact), and how soon it hurts (urgency)."""

    HIGH = 1, _("high")
    MEDIUM = 2, _("medium")
    LOW = 3, _("low")


class PriorityBy(TextChoices):
    """Who said which priority it has."""

    MATRIX = "matrix", _("the matrix")
    PERSON = "person", _("a person")
    ALERT = "alert", _("an alert")
    IMPORT = "import", _("an import")


class Channel(TextChoices):
    """How it was reported."""

    PORTAL = "portal", _("portal")
    PHONE = "phone", _("phone")
    MAIL = "mail", _("mail")
    CHAT = "chat", _("chat")
    ALERT = "alert", _("alert")
    API = "api", _("API")
    IMPORT = "import", _("import")


class HoldReason(TextChoices):
    """What work waits for. Clocks pause for those that the agreement names."""

    CALLER = "caller", _("the caller's answer")
    VENDOR = "vendor", _("a vendor")
    CHANGE = "change", _("a change")
    PROBLEM = "problem", _("a problem")
    OTHER = "other", _("something else")


class ResolutionCode(TextChoices):
    """How it ended."""

    SOLVED = "solved", _("solved")
    WORKAROUND = "workaround", _("workaround")
    KNOWN_ERROR = "known_error", _("known error")
    BY_CHANGE = "by_change", _("by a change")
    BY_PROBLEM = "by_problem", _("by a problem")
    BY_CALLER = "by_caller", _("by the caller")
    USER_ERROR = "user_error", _("user error")
    NOT_REPRODUCIBLE = "not_reproducible", _("not reproducible")
    NO_RESOLUTION = "no_resolution", _("no resolution")


class CancelCode(TextChoices):
    """Why it was none."""

    DUPLICATE = "duplicate", _("duplicate of another")
    NOT_AN_INCIDENT = "not_an_incident", _("not an incident")
    WITHDRAWN = "withdrawn", _("withdrawn by the caller")
    MERGED = "merged", _("merged into another")


# What people choose themselves; `merged` comes from merging.
CANCEL_CHOICES = [choice for choice in CancelCode.choices if choice[0] != CancelCode.MERGED]
