"""How far a back-test is, and what became of a change under the draft."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RunState(TextChoices):
    WORKING = "working", _("under way")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class Quadrant(TextChoices):
    """What the draft says, crossed with how the change went."""

    SMOOTH = "smooth", _("smooth")  # it approves at once what succeeded
    ESCAPED = "escaped", _("escaped")  # it approves at once what failed
    FRICTION = "friction", _("friction")  # it asks people, or waits, for what succeeded
    STOPPED = "stopped", _("stopped")  # it asks people, or waits, for what failed
    UNKNOWN = "unknown", _("unknown")  # it never ran: nobody knows


class Refusal(TextChoices):
    """Why evidence is not judged at all."""

    FUTURE = "future", _("holds something newer than its decision")
    ALTERED = "altered", _("is not what its hash says")
    UNREADABLE = "unreadable", _("means nothing any more")
