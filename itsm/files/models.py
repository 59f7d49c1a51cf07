"""Attachments: what was sent with a note."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.files.vocabulary import INLINE, MAX_BYTES, MAX_NAME, Preview, ShownType, State


class Attachment(models.Model):
    """A file on a record, as private as the note that it came with. What was withdrawn stays as a row without bytes."""

    kind = "attachment"

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    note = models.ForeignKey("work.Note", models.PROTECT, related_name="+", verbose_name=_("note"))
    name = models.CharField(_("name"), max_length=MAX_NAME)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    shown_type = models.CharField(_("type"), max_length=40, choices=ShownType)
    state = models.CharField(_("state"), max_length=10, choices=State)
    preview = models.CharField(_("small picture"), max_length=4, choices=Preview, default=Preview.NONE)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)
    withdrawn_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["record_kind", "record_id", "id"], name="attachment_by_record"),
            models.Index(fields=["by", "at"], name="attachment_by_person"),
            models.Index(fields=["sha256"], name="attachment_by_bytes"),
            models.Index(
                fields=["id"],
                condition=Q(withdrawn_at=None) & (Q(state=State.WAITING) | Q(preview=Preview.OWED)),
                name="attachment_to_look_at",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__range=(1, MAX_BYTES)), name="attachment_is_within_the_limit"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="attachment_names_its_bytes"),
            models.CheckConstraint(condition=~Q(name=""), name="attachment_has_a_name"),
            models.CheckConstraint(
                condition=Q(state__in=State.values)
                & Q(preview__in=Preview.values)
                & Q(shown_type__in=ShownType.values),
                name="attachment_is_what_is_known",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawn_attachment_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def private(self) -> bool:
        return self.note.private

    @property
    def is_clean(self) -> bool:
        return self.state == State.CLEAN

    @property
    def has_picture(self) -> bool:
        """A small picture of it may be shown."""
        return self.is_clean and self.preview == Preview.MADE

    @property
    def shows_inline(self) -> bool:
        """A browser may show it; all else is offered for download."""
        return self.is_clean and self.shown_type in INLINE

    def get_absolute_url(self) -> str:
        return f"/files/{self.key}/"
