"""A delegation: somebody decides in the place of somebody else for a while. A member's substitute in a panel is one."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.approvals.four_eyes import ONE_DELEGATE_AT_A_TIME, ONLY_ENDS
from itsm.audit.only_people import NotByAnAgent
from itsm.kernel.actors import Actor, Role
from itsm.kernel.references import reference


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own, both ways; administrators and auditors see all."""
        if actor.has(Role.AUDITOR):
            return self
        return self.filter(Q(person=actor.id) | Q(delegate=actor.id)) if actor.id is not None else self.none()


class Delegation(models.Model):
    """`delegate` answers in the place of `person` what that person might answer, in [starts_at, ends_at).

    Scope: asks about `record_kind`, asks of the panel (`panel_kind`, `panel_id`), or with neither all of them;
    `scope_name` is what people call it. What was delegated is not delegated on. `ended_at`: ended before its time.
    """

    kind = "delegation"

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    delegate = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("delegate"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    record_kind = models.CharField(_("kind of record"), max_length=40, blank=True)
    panel_kind = models.CharField(_("kind of panel"), max_length=20, blank=True)
    panel_id = models.BigIntegerField(_("panel"), null=True, blank=True)
    scope = models.CharField(_("scope"), max_length=100, blank=True)
    scope_name = models.CharField(_("name of the scope"), max_length=80, blank=True)
    made_at = models.DateTimeField(_("made at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        ordering = ("-starts_at", "-id")
        triggers = (ONLY_ENDS, ONE_DELEGATE_AT_A_TIME, NotByAnAgent("person", "delegate", "ended_by"))
        indexes = [
            models.Index(fields=["delegate", "ends_at"], condition=Q(ended_at=None), name="delegations_to"),
            models.Index(fields=["person", "ends_at"], condition=Q(ended_at=None), name="delegations_of"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_delegation_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(person=F("delegate")), name="nobody_delegates_to_themselves"),
            models.CheckConstraint(
                condition=Q(panel_kind="", panel_id=None)
                | (~Q(panel_kind="") & Q(panel_id__isnull=False, record_kind="")),
                name="a_delegation_has_one_scope",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return reference("DLG", self.pk)

    def state_at(self, at: datetime) -> str:
        """coming, running or over."""
        if self.ended_at is not None or self.ends_at <= at:
            return "over"
        return "coming" if self.starts_at > at else "running"

    def get_absolute_url(self) -> str:
        return "/delegations/"
