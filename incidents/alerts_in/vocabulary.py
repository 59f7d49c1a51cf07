"""The choices that describe where alerts come from and what became of them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SourceKind(TextChoices):
    """In whose words a source speaks."""

    ALERTMANAGER = "alertmanager", _("Prometheus Alertmanager")
    GRAFANA = "grafana", _("Grafana")
    PAGERDUTY = "pagerduty", _("PagerDuty Events v2")
    CDEVENTS = "cdevents", _("CDEvents")
    GENERIC = "generic", _("JSON with a mapping")


class IntakeStatus(TextChoices):
    """What became of a body."""

    NEW = "new", _("not applied yet")
    APPLIED = "applied", _("applied")
    PARKED = "parked", _("parked")
    DISCARDED = "discarded", _("discarded")


class OccurrenceStatus(TextChoices):
    """Where one firing of an alert stands."""

    FIRING = "firing", _("firing")
    ENDED = "ended", _("ended")
    QUIETED = "quieted", _("kept quiet")
    STALE = "stale", _("not repeated")


class QuietStatus(TextChoices):
    """Where a quiet stands."""

    PLANNED = "planned", _("planned")
    ACTIVE = "active", _("active")
    LIFTED = "lifted", _("lifted")
    FAILED = "failed", _("failed")


class CopyStatus(TextChoices):
    """Where the copy of a quiet in another system stands."""

    HELD = "held", _("held there")
    FAILED = "failed", _("not held there")
    LIFTED = "lifted", _("lifted there")


class Counted(TextChoices):
    """What is counted of a source, beside what it brought."""

    DROPPED = "dropped", _("dropped by a rule")
    LATE_PEER = "late_peer", _("repeated by a late peer after the end")
    REPEATED = "repeated", _("the same event again")
    TRUNCATED = "truncated", _("alerts that the sender cut off")
    REFUSED = "refused", _("bodies asked to come again (503)")
