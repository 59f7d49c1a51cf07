"""The words of a status page, as status pages everywhere say them."""

from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Visibility(TextChoices):
    PUBLIC = "public", _("Everybody")
    SIGNED_IN = "signed_in", _("Who is signed in")
    KEY = "key", _("Who holds its key")


class State(TextChoices):
    """Of a component, the better the earlier."""

    OPERATIONAL = "operational", _("Operational")
    MAINTENANCE = "under_maintenance", _("Under maintenance")
    DEGRADED = "degraded_performance", _("Degraded performance")
    PARTIAL = "partial_outage", _("Partial outage")
    MAJOR = "major_outage", _("Major outage")


class IncidentStatus(TextChoices):
    INVESTIGATING = "investigating", _("Investigating")
    IDENTIFIED = "identified", _("Identified")
    MONITORING = "monitoring", _("Monitoring")
    RESOLVED = "resolved", _("Resolved")


class MaintenanceStatus(TextChoices):
    SCHEDULED = "scheduled", _("Scheduled")
    IN_PROGRESS = "in_progress", _("In progress")
    VERIFYING = "verifying", _("Verifying")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class Channel(TextChoices):
    MAIL = "mail", _("Mail")


GRAVITY = {state: place for place, state in enumerate(State.values)}
# What a minute of it takes off a day's availability; planned work and slowness take nothing.
WEIGHT = {State.MAJOR.value: Decimal(1), State.PARTIAL.value: Decimal("0.3")}
TROUBLE = [(one.value, one.label) for one in State if one not in (State.OPERATIONAL, State.MAINTENANCE)]
TONES = {
    State.OPERATIONAL: "green",
    State.MAINTENANCE: "blue",
    State.DEGRADED: "amber",
    State.PARTIAL: "amber",
    State.MAJOR: "red",
}
DAYS = 90


def worst(states: "list[str]") -> str:
    """The gravest of them; operational where there is none."""
    return max(states, key=GRAVITY.__getitem__, default=State.OPERATIONAL.value)
