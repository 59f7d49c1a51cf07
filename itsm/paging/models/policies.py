"""Escalation policies: in which order people are paged, and how long each has."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.permissions import staff
from itsm.accounts.queues import rights_in_queues
from itsm.audit.triggers import Guard
from itsm.kernel.actors import Actor
from itsm.paging.rules import LEAST_WAIT, MOST_REPEATS, MOST_WAIT
from itsm.paging.vocabulary import TargetKind, Which
from itsm.slugs import slug_shape

_SHORTEST, _LONGEST = int(LEAST_WAIT.total_seconds()), int(MOST_WAIT.total_seconds())

# Who takes the last one away is refused, whoever else does so at the same moment: they wait for the policy's row.
_NEVER_BARE = """
SELECT s.policy_id INTO policy FROM paging_escalationstep s WHERE s.id = OLD.step_id;
IF policy IS NULL THEN RETURN NULL; END IF;
SELECT p.retired_at IS NULL, p.is_last_resort INTO stands, resort
FROM paging_escalationpolicy p WHERE p.id = policy FOR NO KEY UPDATE;
SELECT count(*), count(DISTINCT t.person_id) INTO targets, people
FROM paging_steptarget t JOIN paging_escalationstep s ON s.id = t.step_id WHERE s.policy_id = policy;
IF stands AND targets = 0 THEN
  RAISE EXCEPTION 'an escalation policy would page nobody' USING ERRCODE = 'check_violation';
END IF;
IF stands AND resort AND people < 2 THEN
  RAISE EXCEPTION 'the last resort needs two people' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
NEVER_BARE = Guard(
    name="never_bare",
    when=pgtrigger.After,
    operation=pgtrigger.Delete | pgtrigger.UpdateOf("step_id", "kind_of", "person_id"),
    declare=[
        ("policy", "bigint"), ("stands", "boolean"), ("resort", "boolean"), ("targets", "bigint"), ("people", "bigint"),
    ],
    func=_NEVER_BARE,
)  # fmt: skip
# A policy that stands has its steps: they go after their targets, and those are guarded.
STEPS_KEEP_TARGETS = Guard(
    name="never_without_targets",
    when=pgtrigger.Before,
    operation=pgtrigger.Delete,
    func="""
    PERFORM 1 FROM paging_escalationpolicy p WHERE p.id = OLD.policy_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM paging_escalationpolicy p WHERE p.id = OLD.policy_id AND p.retired_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM paging_escalationstep s WHERE s.policy_id = OLD.policy_id AND s.id <> OLD.id) THEN
      RAISE EXCEPTION 'an escalation policy would page nobody' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
    """,
)


class PolicyQuerySet(models.QuerySet["EscalationPolicy"]):
    def visible_to(self, actor: Actor) -> "PolicyQuerySet":
        """For who works here: all but those of teams that are hidden from them."""
        if not staff(actor) and not actor.is_system:
            return self.none()
        return self.exclude(team_id__in=rights_in_queues(actor).hidden)

    def standing(self) -> "PolicyQuerySet":
        return self.filter(retired_at=None)


class EscalationPolicy(models.Model):
    """Steps, taken in order until somebody answers; all of them again `repeats` times; then the last resort.

    `zone`: whose clocks the times of its steps are read on. `live_at`: until then it pages nobody; an escalation of it
    goes to the last resort at once. One policy is the last resort.
    """

    kind = "escalation_policy"

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape], editable=False)
    name = models.CharField(_("name"), max_length=100)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", verbose_name=_("team"))
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    repeats = models.PositiveSmallIntegerField(_("repeats"), default=2)
    is_last_resort = models.BooleanField(_("last resort"), default=False)
    live_at = models.DateTimeField(_("live since"), null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("escalation policy")
        verbose_name_plural = _("escalation policies")
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(condition=Q(repeats__lte=MOST_REPEATS), name="a_policy_repeats_at_most_nine_times"),
            models.CheckConstraint(condition=~Q(name=""), name="an_escalation_policy_has_a_name"),
            models.UniqueConstraint(
                fields=["is_last_resort"], condition=Q(is_last_resort=True, retired_at=None), name="one_last_resort"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/escalation-policies/{self.slug}/"


class EscalationStep(models.Model):
    """The step at `position` (from 1): whom it pages, and so many seconds until the next one.

    `between_from`, `between_to`: it pages only then, on the clocks of the policy's zone; over midnight where `to` is
    the earlier one. Outside of it, and where it meets nobody, the next step follows at once.
    """

    policy = models.ForeignKey(EscalationPolicy, models.CASCADE, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    wait_s = models.PositiveIntegerField(_("seconds until the next step"))
    between_from = models.TimeField(_("from"), null=True, blank=True)
    between_to = models.TimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("step of an escalation policy")
        verbose_name_plural = _("steps of escalation policies")
        ordering = ("policy", "position")
        triggers = [STEPS_KEEP_TARGETS]
        constraints = [
            models.UniqueConstraint(fields=["policy", "position"], name="one_step_at_each_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="escalation_steps_count_from_one"),
            models.CheckConstraint(
                condition=Q(wait_s__gte=_SHORTEST, wait_s__lte=_LONGEST), name="a_step_waits_a_minute_to_a_day"
            ),
            models.CheckConstraint(
                condition=Q(between_from=None, between_to=None)
                | Q(between_from__isnull=False, between_to__isnull=False),
                name="a_step_has_both_times_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id}/{self.position}"


class StepTarget(models.Model):
    """Whom a step pages: exactly the one that `kind_of` says is named. `which`: whose turn of a schedule."""

    step = models.ForeignKey(EscalationStep, models.CASCADE, related_name="targets")
    kind_of = models.CharField(_("kind"), max_length=10, choices=TargetKind)
    schedule = models.ForeignKey("oncall.Schedule", models.PROTECT, null=True, blank=True, related_name="+")
    which = models.CharField(_("whose turn"), max_length=10, choices=Which, default=Which.NOW)
    person = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    endpoint = models.ForeignKey("webhooks.WebhookEndpoint", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("target of a step")
        verbose_name_plural = _("targets of steps")
        ordering = ("step", "id")
        triggers = [NEVER_BARE]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind_of="schedule", schedule__isnull=False, person=None, team=None, endpoint=None)
                | Q(kind_of="person", schedule=None, person__isnull=False, team=None, endpoint=None)
                | Q(kind_of="team", schedule=None, person=None, team__isnull=False, endpoint=None)
                | Q(kind_of="owner", schedule=None, person=None, team=None, endpoint=None)
                | Q(kind_of="webhook", schedule=None, person=None, team=None, endpoint__isnull=False),
                name="a_target_names_what_it_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.kind_of}"
