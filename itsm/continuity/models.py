"""What operators did for the day on which everything is lost: one row a run, never changed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only
from itsm.continuity.vocabulary import What


class ContinuityRun(models.Model):
    """A backup, a restore drill, a restore or an upgrade, and how it ended.

    `of_at`: the moment whose rows a backup holds, or the drill or restore brought back. `facts`: what was found, as
    `itsm.run.drill` and `itsm.run.backup` write it (bytes, rows, files, the checks of a drill).
    """

    kind = "continuity_run"

    what = models.CharField(_("what"), max_length=8, choices=What)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"))
    of_at = models.DateTimeField(_("data of"), null=True)
    passed = models.BooleanField(_("passed"))
    problem = models.TextField(_("problem"), blank=True, max_length=2000)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("backup, drill, restore or upgrade")
        verbose_name_plural = _("backups, drills, restores and upgrades")
        ordering = ("-id",)
        triggers = append_only.KEPT
        indexes = [models.Index(fields=["what", "-ended_at"], name="continuity_by_what")]
        constraints = [
            models.CheckConstraint(condition=Q(what__in=What.values), name="continuity_is_of_a_kind"),
            models.CheckConstraint(condition=Q(ended_at__gte=F("began_at")), name="continuity_ends_after_it_began"),
            models.CheckConstraint(condition=Q(passed=True) | ~Q(problem=""), name="continuity_failure_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.pk}"

    @property
    def reference(self) -> str:
        return f"{self.what} {self.pk}"
