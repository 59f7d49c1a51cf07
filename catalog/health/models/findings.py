"""What is wrong with items, how much of it there was each day, and how far edits were looked at."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models import CI
from catalog.health.vocabulary import MEASURES, Kind
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference

PREFIX = "FND"


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, actor: Actor) -> "FindingQuerySet":
        """Those of items that the actor may see."""
        return self.filter(ci__in=CI.objects.visible_to(actor))


class Finding(models.Model):
    """An item is not as it should be (`finding_kind`), until `cleared_at`. `key` tells apart those of one kind.

    `detail`: what its sentence is made of. `accepted_until`: somebody lives with it so long, and said `why`.
    """

    kind = "finding"
    untold = ("detail", "task")

    finding_kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    ci = models.ForeignKey(CI, models.CASCADE, related_name="findings", verbose_name=_("item"))
    key = models.CharField(_("key"), max_length=100, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    first_seen = models.DateTimeField(_("first seen"))
    cleared_at = models.DateTimeField(_("cleared at"), null=True)
    task = models.ForeignKey("work.Task", models.SET_NULL, null=True, related_name="+", verbose_name=_("task"))
    accepted_until = models.DateTimeField(_("accepted until"), null=True, blank=True)
    why = models.CharField(_("why"), max_length=500, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = FindingQuerySet.as_manager()

    class Meta:
        app_label = "catalog"
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["ci", "finding_kind"], condition=Q(cleared_at=None), name="open_findings_of_an_item"),
            models.Index(fields=["-id"], condition=Q(cleared_at=None), name="open_findings_newest_first"),
            models.Index(fields=["task"], condition=Q(task__isnull=False), name="findings_with_a_task"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["finding_kind", "ci", "key"], condition=Q(cleared_at=None), name="one_open_finding_of_a_key"
            ),
            models.CheckConstraint(condition=Q(finding_kind__in=Kind.values), name="kind_of_a_finding_is_known"),
            models.CheckConstraint(
                condition=Q(accepted_until=None) | ~Q(why=""), name="who_accepts_a_finding_says_why"
            ),
            models.CheckConstraint(
                condition=Q(cleared_at=None) | Q(cleared_at__gte=F("first_seen")),
                name="a_finding_is_cleared_after_it_was_seen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ci_id} is not {self.finding_kind}"

    @property
    def reference(self) -> str:
        return reference(PREFIX, self.pk or 0)

    @property
    def title(self) -> str:
        return gettext("%(item)s: not %(kind)s") % {"item": self.ci.name, "kind": self.get_finding_kind_display()}

    def get_absolute_url(self) -> str:
        return f"/health/findings/{self.pk}/"


class HealthDay(models.Model):
    """Of `total` items of a class (null: of all, with what inherits from it) and a team (null: of all) `bad` were not
    as `measure` says, on that day. Confidential items are not counted, so that everybody may read it."""

    day = models.DateField(_("day"))
    ci_class = models.ForeignKey("catalog.CIClass", models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.CASCADE, null=True, related_name="+")
    measure = models.CharField(_("measure"), max_length=10)
    bad = models.PositiveIntegerField(_("bad"))
    total = models.PositiveIntegerField(_("of"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("health of a day")
        verbose_name_plural = _("health of days")
        ordering = ("day",)
        constraints = [
            models.UniqueConstraint(
                fields=["ci_class", "team", "measure", "day"], nulls_distinct=False, name="one_health_of_a_day"
            ),
            models.CheckConstraint(condition=Q(measure__in=MEASURES), name="measure_of_health_is_known"),
            models.CheckConstraint(condition=Q(bad__lte=F("total")), name="no_more_are_bad_than_there_are"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.measure} {self.bad}/{self.total}"


class Examined(models.Model):
    """One row: the history of items was looked at up to `history_id`, the whole catalog last at `whole_at`."""

    history_id = models.BigIntegerField(_("history"), default=0)
    whole_at = models.DateTimeField(_("whole at"), null=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("what was examined")
        verbose_name_plural = _("what was examined")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_says_what_was_examined")]

    def __str__(self) -> str:
        return str(self.history_id)
