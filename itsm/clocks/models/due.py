"""A `Due` row is a promise to do something at an instant: it stands in PostgreSQL, so a flushed broker or a killed
worker forgets nothing.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.notifications.lanes import Lane

DESK = Lane.DESK.value


class Due(models.Model):
    """Do `name` for a record at `at`, once. `attempts` and `last_error` tell of trouble."""

    name = models.CharField(_("what"), max_length=60)
    lane = models.CharField(_("lane"), max_length=10, default=DESK, db_default=DESK)  # that of its name
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    at = models.DateTimeField(_("due at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up at"), null=True, blank=True)

    class Meta:
        verbose_name = _("due row")
        verbose_name_plural = _("due rows")
        ordering = ("at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "record_kind", "record_id"],
                condition=Q(done_at=None, given_up_at=None),
                name="one_open_due_row_for_each_purpose",
            )
        ]
        indexes = [
            models.Index(
                fields=["lane", "at", "id"], condition=Q(done_at=None, given_up_at=None), name="due_open_by_lane"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.record_kind} {self.record_id} at {self.at}"


class Heartbeat(models.Model):
    """When a worker last finished a sweep, and last said of a long task that it goes on. See `heartbeat`."""

    worker = models.CharField(_("worker"), max_length=120, primary_key=True)
    swept_at = models.DateTimeField(_("swept at"), null=True)
    busy_at = models.DateTimeField(_("busy at"), null=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.worker


class Lateness(models.Model):
    """How many were found late of what is watched, since the first of them. See `late`."""

    name = models.CharField(_("what"), max_length=60, primary_key=True)
    found = models.BigIntegerField(_("found late"))
    last_at = models.DateTimeField(_("last found at"))

    class Meta:
        verbose_name = _("lateness")
        verbose_name_plural = _("lateness")

    def __str__(self) -> str:
        return f"{self.name}: {self.found}"
