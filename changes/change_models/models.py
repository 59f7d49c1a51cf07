"""Change models: an approved, repeatable way to make a kind of change; and how such changes have gone."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from changes.change_models.rules.bounds import BOUNDS
from changes.change_models.vocabulary import ModelStatus, VersionStatus
from changes.change_models.workflow import MODEL
from itsm.audit.legal_moves import OnlyMoves
from itsm.audit.only_people import NotByAnAgent
from itsm.audit.triggers import Guard

# Held by the database: what changes were approved under stays as it was approved.
BOUNDS_HAVE_THEIR_VERSION = Guard(
    name="bounds_have_their_version",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in (*BOUNDS, "number"))
    ),
    func="""
    IF NEW.number <= OLD.number OR NOT EXISTS (
      SELECT FROM changes_modelversion v
      WHERE v.model_id = NEW.id AND v.number = NEW.number AND v.state = 'approved'
    ) THEN
      RAISE EXCEPTION 'the bounds of a model are those of an approved version' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
WRITTEN_BOUNDS_STAY = Guard(
    name="written_bounds_stay",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        "OLD.state <> 'draft' OR OLD.number IS DISTINCT FROM NEW.number OR OLD.model_id IS DISTINCT FROM NEW.model_id"
    ),
    func="""
    RAISE EXCEPTION 'a version of a model never changes once it is decided' USING ERRCODE = 'check_violation';
    """,
)


class ChangeModel(models.Model):
    """Deployments of a service that are standard changes, within these bounds: those of version `number`.

    The bounds change with the number only, to those of a version that another person approved; the database looks.
    `also_services`, `users`: ids. `days` are mon to sun; hours are of `zone`. Empty, or none: any.
    """

    Status = ModelStatus

    kind = "change_model"
    workflow = MODEL

    slug = models.CharField(_("slug"), max_length=80, unique=True)
    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="change_models")
    environments = ArrayField(models.CharField(max_length=40), verbose_name=_("environments"), default=list)
    also_services = ArrayField(models.BigIntegerField(), verbose_name=_("other services"), default=list, blank=True)
    repository = models.CharField(_("repository"), max_length=200, blank=True)  # several: with commas between them
    workflow_name = models.CharField(_("pipeline workflow"), max_length=200, blank=True)  # as above
    paths = ArrayField(models.CharField(max_length=200), verbose_name=_("paths"), default=list, blank=True)
    most_commits = models.PositiveIntegerField(_("most commits"), null=True, blank=True)
    days = ArrayField(models.CharField(max_length=3), verbose_name=_("days"), default=list, blank=True)
    hours_from = models.CharField(_("from"), max_length=5, blank=True)  # 08:00
    hours_until = models.CharField(_("until"), max_length=5, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    users = ArrayField(models.BigIntegerField(), verbose_name=_("who may use it"), default=list, blank=True)
    risk = models.CharField(_("risk"), max_length=10, default="low")
    allows_migration = models.BooleanField(_("allows migrations"), default=False)
    progressive = models.BooleanField(_("progressive rollout"), default=False)
    rollback_tested = models.BooleanField(_("rollback tested"), default=False)
    # What its changes begin with: {"kind", "title", "mandatory"} each, in order.
    tasks = models.JSONField(_("tasks"), default=list, blank=True)
    number = models.PositiveIntegerField(_("version"), default=1)
    status = models.CharField(_("state"), max_length=10, choices=ModelStatus, default=ModelStatus.APPROVED)
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    certified_at = models.DateTimeField(_("certified at"))
    certification_asked_at = models.DateTimeField(_("asked to certify at"), null=True, blank=True, editable=False)
    suspended_because = models.CharField(_("suspended because"), max_length=200, blank=True)
    # What it saved and cost by `figures_as_of`, kept so that no page reads a year: see `changes.model_review`.
    figures = models.JSONField(_("figures"), null=True, blank=True, editable=False)
    figures_as_of = models.DateTimeField(_("figures as of"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("record version"), default=1)

    class Meta:
        verbose_name = _("change model")
        verbose_name_plural = _("change models")
        ordering = ("slug",)
        triggers = [OnlyMoves(MODEL), BOUNDS_HAVE_THEIR_VERSION, NotByAnAgent("approved_by")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ModelStatus.values), name="model_status_is_known"),
            models.CheckConstraint(
                condition=Q(hours_from="", hours_until="") | Q(hours_until__gt=models.F("hours_from")),
                name="hours_of_a_model_end_after_they_begin",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approved_by__isnull=False), name="an_approved_model_says_by_whom"
            ),
            models.CheckConstraint(
                condition=Q(figures__isnull=True, figures_as_of=None)
                | Q(figures__isnull=False, figures_as_of__isnull=False),
                name="figures_of_a_model_say_as_of_when",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/changes/models/{self.slug}/"


class ModelVersion(models.Model):
    """Bounds of a model under a number: written by one person, approved by another, then never changed.

    The first is approved along with its model, likewise. Kept by the database: see `WRITTEN_BOUNDS_STAY`.
    """

    kind = "change_model_version"

    model = models.ForeignKey(ChangeModel, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    bounds = models.JSONField(_("bounds"))
    state = models.CharField(_("state"), max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    written_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    written_at = models.DateTimeField(_("written at"))
    writers = ArrayField(models.BigIntegerField(), verbose_name=_("who wrote in it"), default=list)
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    approved_at = models.DateTimeField(_("approved at"), null=True)

    class Meta:
        verbose_name = _("version of a change model")
        verbose_name_plural = _("versions of change models")
        ordering = ("-number",)
        triggers = [WRITTEN_BOUNDS_STAY]
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="one_version_of_a_model_by_number"),
            models.UniqueConstraint(fields=["model"], condition=Q(state="draft"), name="one_draft_of_a_model"),
            models.CheckConstraint(
                condition=Q(state="approved", approved_at__isnull=False) | ~Q(state="approved") & Q(approved_at=None),
                name="an_approved_version_says_when",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("written_by")),
                name="a_version_has_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} v{self.number}"


class History(models.Model):
    """How changes of one service, environment and model have gone: decayed counts, one row whatever the past.

    Weights halve every 90 days; they are kept as of `as_of` and read with `changes.change.queries.history`.
    """

    service = models.ForeignKey("catalog.Service", models.CASCADE, related_name="+")
    model = models.ForeignKey(ChangeModel, models.CASCADE, null=True, related_name="+")
    environment = models.CharField(_("environment"), max_length=40)
    runs = models.PositiveIntegerField(_("runs"), default=0)
    weighted_runs = models.DecimalField(_("weighted runs"), max_digits=20, decimal_places=9, default=0)
    weighted_failures = models.DecimalField(_("weighted failures"), max_digits=20, decimal_places=9, default=0)
    recent = ArrayField(models.BooleanField(), verbose_name=_("the last 20 runs failed"), default=list)
    as_of = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("history of changes")
        verbose_name_plural = _("histories of changes")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "model", "environment"], nulls_distinct=False, name="one_history_per_kind_of_change"
            ),
            models.CheckConstraint(
                condition=Q(weighted_failures__gte=0) & Q(weighted_failures__lte=models.F("weighted_runs")),
                name="failures_are_among_the_runs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.runs} runs of service {self.service_id}"
