"""When an incident was open: written by the database itself, whichever way the change came.

A backlog of any instant is read from it. A reopened incident has a span for each time that it was open.
"""

from datetime import UTC, datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit.triggers import Guard

GOES_ON = datetime(9999, 12, 31, tzinfo=UTC)  # sorts last: what is open needs no null


class OpenSpan(models.Model):
    """[begun_at, ended_at) of one incident; one that goes on ends at GOES_ON."""

    incident = models.ForeignKey(
        "incidents.Incident", models.CASCADE, related_name="open_spans", verbose_name=_("incident")
    )
    begun_at = models.DateTimeField(_("begun at"))
    ended_at = models.DateTimeField(_("ended at"), default=GOES_ON)

    class Meta:
        verbose_name = _("span in which an incident was open")
        verbose_name_plural = _("spans in which incidents were open")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["ended_at", "begun_at"], include=["incident"], name="open_span_by_end"),
            models.Index(fields=["begun_at"], include=["incident"], name="open_span_by_begin"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at__gte=F("begun_at")), name="an_open_span_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["incident"], condition=Q(ended_at=GOES_ON), name="an_incident_is_open_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} from {self.begun_at} to {self.ended_at}"


# It is over when somebody resolved it, an imported one when it was closed; else at that moment.
BEGINS_OPEN = Guard(
    name="begins_open",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    func="""
    INSERT INTO incidents_openspan (incident_id, begun_at, ended_at) VALUES (
      NEW.id, NEW.opened_at,
      CASE WHEN NEW.status IN ('new', 'in_progress', 'on_hold') THEN '9999-12-31 00:00:00+00'
           WHEN NEW.status = 'cancelled' THEN greatest(NEW.opened_at, NEW.updated_at)
           ELSE greatest(NEW.opened_at, coalesce(NEW.resolved_at, NEW.closed_at, NEW.updated_at)) END
    );
    RETURN NULL;
    """,
)
OPENS_AND_ENDS = Guard(
    name="opens_and_ends",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("status", "opened_at", "resolved_at", "closed_at"),
    condition=pgtrigger.Condition(
        "OLD.status IS DISTINCT FROM NEW.status OR OLD.opened_at IS DISTINCT FROM NEW.opened_at"
        " OR OLD.resolved_at IS DISTINCT FROM NEW.resolved_at OR OLD.closed_at IS DISTINCT FROM NEW.closed_at"
    ),
    declare=[
        ("was_open", "boolean := OLD.status IN ('new', 'in_progress', 'on_hold')"),
        ("is_open", "boolean := NEW.status IN ('new', 'in_progress', 'on_hold')"),
        ("over_at", "timestamptz := coalesce(NEW.resolved_at, NEW.closed_at)"),
    ],
    func="""
    IF OLD.opened_at <> NEW.opened_at THEN
      UPDATE incidents_openspan SET begun_at = NEW.opened_at, ended_at = greatest(ended_at, NEW.opened_at)
      WHERE id = (SELECT min(id) FROM incidents_openspan WHERE incident_id = NEW.id);
    END IF;
    IF is_open AND NOT was_open THEN
      INSERT INTO incidents_openspan (incident_id, begun_at, ended_at)
      VALUES (NEW.id, statement_timestamp(), '9999-12-31 00:00:00+00');
    ELSIF was_open AND NOT is_open THEN
      IF NEW.status = 'cancelled' THEN over_at := NULL; END IF;
      UPDATE incidents_openspan SET ended_at = greatest(begun_at, coalesce(over_at, statement_timestamp()))
      WHERE incident_id = NEW.id AND ended_at = '9999-12-31 00:00:00+00';
    ELSIF NOT is_open AND NEW.status <> 'cancelled' AND over_at IS NOT NULL
        AND over_at IS DISTINCT FROM coalesce(OLD.resolved_at, OLD.closed_at) THEN
      UPDATE incidents_openspan SET ended_at = greatest(begun_at, over_at)
      WHERE id = (SELECT max(id) FROM incidents_openspan WHERE incident_id = NEW.id);
    END IF;
    RETURN NULL;
    """,
)
