"""The words of boards: the parts that people have in them, and the states of a meeting."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Part(TextChoices):
    CHAIR = "chair", _("Chair")
    MEMBER = "member", _("Member")
    ADVISER = "adviser", _("Adviser without vote")


VOTING = (Part.CHAIR, Part.MEMBER)


class MeetingStatus(TextChoices):
    PLANNED = "planned", _("Planned")
    IN_SESSION = "in_session", _("In session")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")
