"""Which roles need a second factor, and whom an administrator frees of theirs."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import Role
from itsm.kernel.actors import Actor
from itsm.second_factors.permissions import readers


class FactorRecords(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> "FactorRecords":
        """For administrators and auditors."""
        return self if readers(actor) else self.none()


class FactorRule(models.Model):
    """Whether who has this role signs in with a second factor. One row for each role that was ever asked.

    `grace_until`: until then who has none is reminded at each sign-in, and led through setting one up from then on.
    """

    kind = "factor_rule"

    role = models.CharField(_("role"), max_length=20, choices=Role, unique=True)
    required = models.BooleanField(_("required"), default=False)
    grace_until = models.DateTimeField(_("reminded only until"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    awaits: Any = None  # the confirmation that it waits for, where weakening it was proposed just now

    objects = FactorRecords.as_manager()

    class Meta:
        verbose_name = _("rule for second factors")
        verbose_name_plural = _("rules for second factors")
        ordering = ("role",)

    def __str__(self) -> str:
        return str(self.get_role_display())

    @property
    def reference(self) -> str:
        return f"factors of {self.role}"

    def get_absolute_url(self) -> str:
        return "/settings/factors/"


class FactorReset(models.Model):
    """Somebody has lost what they show beside their password: all of it is taken away, by two people and after a while.

    Proposed, confirmed by another administrator, told to the person, who can stop it until `due_at`; then done.
    """

    kind = "factor_reset"

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="factor_resets", verbose_name=_("person"))
    reason = models.CharField(_("reason"), max_length=500)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    due_at = models.DateTimeField(_("due at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    awaits: Any = None

    objects = FactorRecords.as_manager()

    class Meta:
        verbose_name = _("reset of second factors")
        verbose_name_plural = _("resets of second factors")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(done_at=None, stopped_at=None), name="one_open_reset_of_a_person"
            ),
            models.CheckConstraint(condition=Q(done_at=None) | Q(stopped_at=None), name="a_reset_is_done_or_stopped"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"reset-{self.pk}"

    def get_absolute_url(self) -> str:
        return "/settings/factors/"
