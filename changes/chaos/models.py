"""Chaos experiments: what a change of this purpose says beside its content, how it was stopped, what it burned."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from changes.chaos.vocabulary import AbortCause, Finding
from itsm.accounts.permissions import colleagues
from itsm.kernel.actors import Actor
from itsm.notifications.web_addresses import MAX_LENGTH, web_address


def a_key() -> str:
    """What the secret of an abort hook is derived from."""
    return secrets.token_urlsafe(24)


class ChaosExperimentQuerySet(models.QuerySet["ChaosExperiment"]):
    def visible_to(self, actor: Actor) -> "ChaosExperimentQuerySet":
        """Whoever works here sees all of them; requesters none."""
        return self if colleagues(actor) else self.none()


class ChaosExperiment(models.Model):
    """An experiment. Its authority, window, stake and run are its change's; nothing of it is edited once it is planned.

    `hypothesis`: what is expected to go on working. `blast_radius`: what is broken, and how much of it. `abort_url`:
    called until it answers, signed by the secret that `abort_key` stands for.
    """

    kind = "chaos_experiment"

    change = models.OneToOneField("changes.Change", models.PROTECT, related_name="experiment", verbose_name=_("change"))
    hypothesis = models.TextField(_("hypothesis"), max_length=4000)
    blast_radius = models.TextField(_("blast radius"), max_length=4000)
    abort_url = models.CharField(_("abort hook"), max_length=MAX_LENGTH, validators=[web_address])
    abort_key = models.CharField(max_length=43, default=a_key, editable=False)
    finding = models.CharField(_("finding"), max_length=12, choices=Finding, default=Finding.OPEN, blank=True)
    shown = models.TextField(_("what it showed"), max_length=4000, blank=True)
    concluded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    concluded_at = models.DateTimeField(_("concluded at"), null=True, blank=True)
    problem = models.ForeignKey(
        "incidents.Problem", models.PROTECT, null=True, related_name="+", verbose_name=_("problem")
    )

    objects = ChaosExperimentQuerySet.as_manager()

    class Meta:
        verbose_name = _("chaos experiment")
        verbose_name_plural = _("chaos experiments")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(finding="", concluded_at=None, concluded_by=None)
                | ~Q(finding="") & ~Q(shown="") & Q(concluded_at__isnull=False, concluded_by__isnull=False),
                name="a_concluded_experiment_says_what_it_showed",
            ),
        ]

    def __str__(self) -> str:
        return f"experiment {self.change_id}"

    @property
    def reference(self) -> str:
        """Its change's: nobody has to know two names of one thing."""
        return self.change.reference

    def get_absolute_url(self) -> str:
        return self.change.get_absolute_url()


class ChaosAbort(models.Model):
    """That an experiment was stopped before its time: why, what its hook said, who or what confirmed it. One each."""

    experiment = models.OneToOneField(
        ChaosExperiment, models.PROTECT, related_name="abort", verbose_name=_("experiment")
    )
    cause = models.CharField(_("cause"), max_length=12, choices=AbortCause)
    objective = models.CharField(_("objective"), max_length=80, blank=True)
    burned = models.DecimalField(_("burned"), max_digits=12, decimal_places=6, null=True, blank=True)
    because = models.CharField(_("because"), max_length=500, blank=True)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    attempts = models.PositiveIntegerField(_("calls of its hook"), default=0)
    last_called_at = models.DateTimeField(_("last called at"), null=True, blank=True)
    last_said = models.CharField(_("what it said last"), max_length=500, blank=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    # Whose word it is that it has stopped; null: its hook's.
    stopped_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    paged_at = models.DateTimeField(_("paged at"), null=True, blank=True)

    class Meta:
        verbose_name = _("abort of an experiment")
        verbose_name_plural = _("aborts of experiments")
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("asked_at")), name="it_stops_after_it_was_asked_to"
            ),
            models.CheckConstraint(
                condition=~Q(cause="person") | Q(asked_by__isnull=False) & ~Q(because=""),
                name="who_stops_an_experiment_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"abort of experiment {self.experiment_id}"


class ChaosBurn(models.Model):
    """What failed of one objective's budget while the experiment ran, as known by `counted_at`."""

    experiment = models.ForeignKey(ChaosExperiment, models.PROTECT, related_name="burns", verbose_name=_("experiment"))
    objective = models.ForeignKey("slo.Objective", models.PROTECT, related_name="+", verbose_name=_("objective"))
    share = models.DecimalField(_("share of the budget"), max_digits=12, decimal_places=6)
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("burn of an experiment")
        verbose_name_plural = _("burns of experiments")
        constraints = [
            models.UniqueConstraint(fields=["experiment", "objective"], name="one_burn_per_experiment_and_objective"),
            models.CheckConstraint(condition=Q(share__gte=0), name="an_experiment_burns_no_less_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.share} of objective {self.objective_id}"
