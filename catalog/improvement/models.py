"""Improvements, with what was measured before and after."""

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.improvement.permissions import staff
from catalog.improvement.vocabulary import SCALE, SHOWS_AFTER, Status
from catalog.improvement.workflow import WORKFLOW
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference

_RANGE = [MinValueValidator(1), MaxValueValidator(5)]


class ImprovementQuerySet(models.QuerySet["Improvement"]):
    def visible_to(self, actor: Actor) -> "ImprovementQuerySet":
        """All of them, for who works here."""
        return self if staff(actor) else self.none()


class Improvement(models.Model):
    """An idea to do better. `benefit`, `effort`: 1 to 5. `measure`: the name of a registered query, asked of `service`
    (None: of all), in its unit; `before` is its value as the work began, `after` as it was asked again."""

    kind = "improvement"
    workflow = WORKFLOW
    untold = ("before_at", "finished_at", "measured_at", "because")  # their entries say when, and why

    title = models.CharField(_("title"), max_length=160)
    why = models.TextField(_("why"), max_length=4000, blank=True)
    benefit = models.PositiveSmallIntegerField(_("benefit"), choices=SCALE, validators=_RANGE)
    effort = models.PositiveSmallIntegerField(_("effort"), choices=SCALE, validators=_RANGE)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.IDEA, editable=False)
    owner = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    service = models.ForeignKey(
        "catalog.Service", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    due = models.DateField(_("due"), null=True, blank=True)
    measure = models.CharField(_("measure"), max_length=60, blank=True)
    before = models.DecimalField(_("before"), max_digits=20, decimal_places=4, null=True, blank=True)
    before_at = models.DateTimeField(_("measured before at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    after = models.DecimalField(_("after"), max_digits=20, decimal_places=4, null=True, blank=True)
    measured_at = models.DateTimeField(_("measured again at"), null=True, blank=True)
    because = models.CharField(_("dropped because"), max_length=500, blank=True)
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ImprovementQuerySet.as_manager()

    class Meta:
        app_label = "catalog"
        verbose_name = _("improvement")
        verbose_name_plural = _("improvements")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW)]
        indexes = [models.Index(fields=["status", "-id"], name="improvement_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="state_of_an_improvement_is_known"),
            models.CheckConstraint(
                condition=Q(benefit__range=(1, 5), effort__range=(1, 5)), name="benefit_and_effort_are_one_to_five"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["idea", "dropped"]) | (Q(owner__isnull=False) & ~Q(measure="")),
                name="an_accepted_improvement_has_an_owner_and_a_measure",
            ),
            models.CheckConstraint(
                condition=~Q(status="done")
                | Q(after__isnull=False, before__isnull=False, measured_at__gte=F("finished_at") + SHOWS_AFTER),
                name="a_done_improvement_was_measured_again_in_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="dropped") | ~Q(because=""), name="a_dropped_improvement_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return reference("IMP", self.pk or 0)

    @property
    def shows_at(self) -> object:
        """From when on it may be measured again; None before it is finished."""
        return self.finished_at + timedelta(days=SHOWS_AFTER.days) if self.finished_at is not None else None

    def get_absolute_url(self) -> str:
        return f"/improvements/{self.reference}/"
