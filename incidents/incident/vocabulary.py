"""The choices that describe an incident; its states are in `workflow`."""

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _


class Priority(IntegerChoices):
    """Impact times urgency, 1 the most pressing (SN numbering)."""

    CRITICAL = 1, _("P1 Critical")
    HIGH = 2, _("P2 High")
    MODERATE = 3, _("P3 Moderate")
    LOW = 4, _("P4 Low")
    PLANNING = 5, _("P5 Planning")
