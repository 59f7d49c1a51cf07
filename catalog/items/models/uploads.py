"""Files that were sent for a form before what they belong to is asked for."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FormUpload(models.Model):
    """A file (`itsm.files`, of this record) that its sender may answer one question with, once.

    `record_kind`, `record_id`: what it was asked for with, by then; who reads it there is whoever reads that answer.
    """

    kind = "form_upload"

    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    record_kind = models.CharField(_("record kind"), max_length=40, blank=True)
    record_id = models.BigIntegerField(_("record"), null=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("file for a form")
        verbose_name_plural = _("files for forms")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["record_kind", "record_id"], name="form_upload_by_record"),
            models.Index(fields=["at"], condition=Q(record_id=None), name="form_upload_unused"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(record_id=None, record_kind="") | (Q(record_id__isnull=False) & ~Q(record_kind="")),
                name="a_used_upload_names_its_record",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"upload-{self.pk}"
