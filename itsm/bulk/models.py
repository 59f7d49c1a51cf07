"""What somebody sent to many records, and what became of each."""

from datetime import datetime, timedelta

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from itsm.audit.triggers import Guard

MOST = 1000
UNDO_WITHIN = timedelta(minutes=30)


class Bulk(models.Model):
    """The same actions on up to 1,000 records of one kind, which are frozen as they are sent.

    `title` says it in words. `first_refused`: of one that is all or none, the place (from 0) of the record that kept it
    from being done.
    """

    kind = "bulk"

    class State(models.TextChoices):
        WORKING = "working", _("under way")
        DONE = "done", _("done")
        UNDOING = "undoing", _("being taken back")
        UNDONE = "undone", _("taken back")

    owner = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="+", db_index=False, verbose_name=_("sent by")
    )
    via = models.CharField(max_length=10)
    request_id = models.CharField(max_length=64, blank=True, editable=False)  # the entries of its rows name it
    record_kind = models.CharField(_("record kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    actions = models.JSONField(_("actions"), encoder=DjangoJSONEncoder)
    macro = models.CharField(_("macro"), max_length=80, blank=True)
    atomic = models.BooleanField(_("all or none"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WORKING)
    first_refused = models.PositiveSmallIntegerField(_("first that refused"), null=True, blank=True)
    created_at = models.DateTimeField(_("sent at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("bulk")
        verbose_name_plural = _("bulks")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=("working", "undoing")), name="bulk_under_way"),
            models.Index(fields=["owner", "-id"], name="bulk_by_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="working") & Q(finished_at=None))
                | (~Q(state="working") & Q(finished_at__isnull=False)),
                name="bulk_is_finished_once_it_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("working", "done", "undoing", "undone")), name="bulk_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reference(self) -> str:
        return f"bulk {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/bulk/{self.pk}/"

    @property
    def undo_until(self) -> datetime | None:
        """Until when its edits can be taken back; None while they cannot."""
        return self.finished_at + UNDO_WITHIN if self.state == self.State.DONE and self.finished_at else None


SETTLED_ONCE = Guard(
    name="settled_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func="""
    IF NEW.bulk_id <> OLD.bulk_id OR NEW.index <> OLD.index OR NEW.record_id <> OLD.record_id THEN
      RAISE EXCEPTION 'the records of a bulk are frozen' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.result <> 'waiting' AND NEW.result NOT IN (OLD.result, 'undone')
      OR NEW.result = 'undone' AND OLD.result NOT IN ('done', 'undone')
      OR OLD.result = 'undone' AND NEW.result <> 'undone' THEN
      RAISE EXCEPTION 'a record of a bulk is settled once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)


class BulkRow(models.Model):
    """One record of a bulk. `code` and `sentence`: why not. `changes`: [before, after] by field, where it was done;
    `after_version`: as it was left. `undo_owed`: to be taken back. `attempts`: how often it was too busy."""

    class Result(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        UNSEEN = "unseen", _("not found")
        UNCHANGED = "unchanged", _("unchanged")
        UNDONE = "undone", _("taken back")

    bulk = models.ForeignKey(Bulk, models.CASCADE, related_name="rows", db_index=False)
    index = models.PositiveSmallIntegerField(_("index"))  # from 0, as they were sent
    record_id = models.PositiveBigIntegerField(_("record"))
    result = models.CharField(_("result"), max_length=10, choices=Result, default=Result.WAITING)
    code = models.CharField(_("code"), max_length=40, blank=True)
    sentence = models.TextField(_("why"), blank=True)
    changes = models.JSONField(_("changes"), null=True, blank=True, encoder=DjangoJSONEncoder)
    after_version = models.PositiveIntegerField(_("version after"), null=True, blank=True)
    undo_owed = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("row of a bulk")
        verbose_name_plural = _("rows of bulks")
        ordering = ("bulk", "index")
        triggers = [SETTLED_ONCE]
        indexes = [
            models.Index(
                fields=["bulk", "attempts", "index"],
                condition=Q(result="waiting") | Q(undo_owed=True),
                name="bulk_rows_left",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["bulk", "index"], name="one_row_of_a_place"),
            models.UniqueConstraint(fields=["bulk", "record_id"], name="one_row_of_a_record"),
            models.CheckConstraint(
                condition=Q(result__in=("waiting", "done", "refused", "unseen", "unchanged", "undone")),
                name="bulk_result_is_known",
            ),
            models.CheckConstraint(
                condition=Q(undo_owed=False) | Q(result="done"), name="only_what_was_done_is_undone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.index}: {self.result}"
