"""What incidents are about, and how pressing they are by the rule."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only


class Category(models.Model):
    """What an incident is about, up to three levels deep; `path` names them from the top, for subtree filters.

    `team`: where new ones go. A retired category stays on what has it.
    """

    kind = "incident_category"

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(_("name"), max_length=80)
    path = models.CharField(_("path"), max_length=250, unique=True, editable=False)
    depth = models.PositiveSmallIntegerField(_("depth"), default=1, editable=False)
    team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("queue")
    )
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("path",)
        constraints = [
            models.CheckConstraint(condition=Q(depth__range=(1, 3)), name="category_is_one_to_three_levels_deep"),
            models.CheckConstraint(
                condition=Q(depth=1, parent=None) | Q(depth__gt=1, parent__isnull=False),
                name="category_depth_is_its_place",
            ),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def reference(self) -> str:
        return self.path


class Matrix(models.Model):
    """Priority by impact and urgency, in versions; a new one touches no record.

    `cells`: nine priorities, by impact high, medium, low, and in each by urgency high, medium, low.
    """

    kind = "priority_matrix"

    version = models.PositiveIntegerField(_("version"), unique=True)
    cells = ArrayField(models.PositiveSmallIntegerField(), size=9, verbose_name=_("priorities"))
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("priority matrix")
        verbose_name_plural = _("priority matrices")
        ordering = ("-version",)
        triggers = append_only.KEPT
        constraints = [
            models.CheckConstraint(
                condition=Q(cells__len=9, cells__contained_by=[1, 2, 3, 4, 5]), name="matrix_has_nine_priorities"
            )
        ]

    def __str__(self) -> str:
        return f"matrix {self.version}"

    @property
    def reference(self) -> str:
        return f"matrix-{self.version}"

    def priority(self, impact: int, urgency: int) -> int:
        """The cell of these levels (1 high to 3 low)."""
        return int(self.cells[3 * (impact - 1) + urgency - 1])
