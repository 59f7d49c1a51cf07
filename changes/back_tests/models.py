"""Back-tests, cut into slices that workers take one by one, and the answers that differ; the answers of shadows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from changes.back_tests.vocabulary import Quadrant, RunState
from changes.gate.vocabulary import Outcome

_OUTCOMES = [(one.value, one.value) for one in Outcome]


class BackTest(models.Model):
    """Every change that is over, of a period, decided again under one policy as it was when this was asked for."""

    kind = "back_test"

    policy = models.ForeignKey("changes.GatePolicy", models.PROTECT, related_name="back_tests", db_index=False)
    content = models.JSONField(_("content"))  # a draft may be edited while this runs
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(_("asked at"))
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.WORKING)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("back-test")
        verbose_name_plural = _("back-tests")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["policy", "-id"], name="back_tests_of_a_policy"),
            models.Index(fields=["id"], condition=Q(state="working"), name="back_tests_under_way"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(since__lt=models.F("until")), name="a_back_test_has_a_period"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="back_test_state_is_known"),
            models.UniqueConstraint(
                fields=["policy"], condition=Q(state="working"), name="one_back_test_of_a_policy_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"back-test-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"/changes/policies/{self.policy_id}/back-test/"


class BackTestSlice(models.Model):
    """The changes from `first` to `last`, by id, judged by one worker in one transaction. `counts`: what it found."""

    run = models.ForeignKey(BackTest, models.CASCADE, related_name="slices", db_index=False)
    first = models.BigIntegerField(_("first change"))
    last = models.BigIntegerField(_("last change"))
    counts = models.JSONField(_("counts"), null=True)  # null: nobody has been at it

    class Meta:
        verbose_name = _("slice of a back-test")
        verbose_name_plural = _("slices of back-tests")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["run", "id"], name="slices_of_a_back_test"),
            models.Index(fields=["id"], condition=Q(counts__isnull=True), name="slices_that_are_left"),
        ]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


class BackTestDifference(models.Model):
    """A change of which the draft says something else than was said. Both verdicts are found from its decision."""

    run = models.ForeignKey(BackTest, models.CASCADE, related_name="differences", db_index=False)
    decision = models.ForeignKey("changes.Decision", models.PROTECT, related_name="+", db_index=False)
    outcome_then = models.CharField(_("said then"), max_length=12, choices=_OUTCOMES)
    outcome_now = models.CharField(_("the draft says"), max_length=12, choices=_OUTCOMES)
    quadrant = models.CharField(_("how it went"), max_length=10, choices=Quadrant)
    waited_minutes = models.PositiveIntegerField(_("minutes until people answered"), null=True)

    class Meta:
        verbose_name = _("answer that differs")
        verbose_name_plural = _("answers that differ")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["run", "decision"], name="one_difference_of_a_decision")]
        indexes = [models.Index(fields=["run", "quadrant", "id"], name="differences_by_quadrant")]

    def __str__(self) -> str:
        return f"{self.outcome_then} → {self.outcome_now}"


class ShadowAnswer(models.Model):
    """What a policy in shadow would have answered where the gate made a decision."""

    policy = models.ForeignKey("changes.GatePolicy", models.PROTECT, related_name="shadow_answers", db_index=False)
    decision = models.ForeignKey("changes.Decision", models.PROTECT, related_name="+", db_index=False)
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    outcome = models.CharField(_("it would have said"), max_length=12, choices=_OUTCOMES)
    differs = models.BooleanField(_("differs from what was said"))

    class Meta:
        verbose_name = _("answer of a shadow")
        verbose_name_plural = _("answers of shadows")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["policy", "decision"], name="one_shadow_answer_per_decision"),
        ]
        indexes = [models.Index(fields=["policy", "-id"], condition=Q(differs=True), name="shadow_answers_that_differ")]

    def __str__(self) -> str:
        return f"{self.policy_id}: {self.outcome}"
