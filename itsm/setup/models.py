"""The links by which a first administrator comes in, and what of the set-up was passed over."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SetupLink(models.Model):
    """One way in for a first administrator: used once, for a while. Only a keyed hash of its secret is kept."""

    kind = "setup_link"

    secret_hash = models.CharField(_("hash"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("set-up link")
        verbose_name_plural = _("set-up links")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="a_setup_link_expires_after_its_birth"
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"link {self.pk}"


class SetupProgress(models.Model):
    """What people decided about the set-up: steps that are passed over, and whether its card is put away.

    Whether a step is done is never kept: it follows from what there is. One row.
    """

    kind = "setup"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    skipped = ArrayField(models.CharField(max_length=20), verbose_name=_("passed over"), default=list)
    dismissed_at = models.DateTimeField(_("put away at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("progress of the set-up")
        verbose_name_plural = _("progress of the set-up")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_progress_of_the_setup")]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return "set-up"
