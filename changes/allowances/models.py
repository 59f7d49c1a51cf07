"""Allowances and their ledger: shares of a service's headroom, never more than the whole, and what became of them."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from changes.allowances.vocabulary import What
from itsm.audit import append_only
from itsm.audit.only_people import NotByAnAgent
from itsm.audit.triggers import Guard

# Whoever writes: the shares of a service are added up by one at a time, as they are then.
NEVER_MORE_THAN_THE_WHOLE = Guard(
    name="never_more_than_the_whole",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("share", "ended_at", "service_id"),
    func="""
    IF NEW.ended_at IS NULL THEN
      PERFORM FROM catalog_service WHERE id = NEW.service_id FOR NO KEY UPDATE;
      IF (SELECT sum(share) FROM changes_allowance WHERE service_id = NEW.service_id AND ended_at IS NULL) > 1 THEN
        RAISE EXCEPTION 'the shares of service % would be more than its whole headroom', NEW.service_id
          USING ERRCODE = 'check_violation', CONSTRAINT = 'shares_are_at_most_the_whole';
      END IF;
    END IF;
    RETURN NULL;
    """,
)


class AllowanceQuerySet(models.QuerySet["Allowance"]):
    def standing(self) -> "AllowanceQuerySet":
        """Those that nobody has taken back."""
        return self.filter(ended_at=None)


class Allowance(models.Model):
    """A share of a service's headroom that one holder may have at stake: a software agent, or a team.

    `share`: what was given, of 1; `left`: what is in force after runs that failed and runs that were verified.
    `given_by`: who gave it, or raised it last.
    """

    kind = "allowance"

    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="+", verbose_name=_("service"))
    agent = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("software agent")
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    share = models.DecimalField(_("share"), max_digits=7, decimal_places=6)
    left = models.DecimalField(_("left"), max_digits=7, decimal_places=6)
    given_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("given by"))
    given_at = models.DateTimeField(_("given at"))
    ended_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken back by")
    )
    ended_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        ordering = ("service", "id")
        triggers = [NEVER_MORE_THAN_THE_WHOLE, NotByAnAgent("given_by", "ended_by")]
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=1, left__gte=0, left__lte=F("share")),
                name="an_allowance_is_a_share_of_one",
            ),
            models.CheckConstraint(
                condition=Q(agent=None, team__isnull=False) | Q(agent__isnull=False, team=None),
                name="an_allowance_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="who_took_an_allowance_back_is_known",
            ),
            models.UniqueConstraint(
                fields=["service", "agent"], condition=Q(ended_at=None), name="one_allowance_of_a_service_and_agent"
            ),
            models.UniqueConstraint(
                fields=["service", "team"], condition=Q(ended_at=None), name="one_allowance_of_a_service_and_team"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} of service {self.service_id}"

    @property
    def reference(self) -> str:
        return f"allowance-{self.pk}"

    @property
    def holder(self) -> str:
        """As evidence names it."""
        return (
            f"agent:{self.agent.username}" if self.agent is not None else f"team:{self.team.slug if self.team else ''}"
        )

    def get_absolute_url(self) -> str:
        return f"/allowances/{self.pk}/"


class AllowanceEntry(models.Model):
    """One row of the ledger.

    `amount`: of what was drawn and came back, the share of the dearest budget; of all else, by how much `left` moved.
    `share`, `left`: as they are since. `change_reference`: whose run it was, such as CHG-00042, "" where nobody's;
    `run`: the number of its deployment. `by`: None where Headroom did it by its rules.
    """

    allowance = models.ForeignKey(Allowance, models.PROTECT, related_name="entries", db_index=False)
    what = models.CharField(_("what"), max_length=12, choices=What)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=9)
    share = models.DecimalField(_("share"), max_digits=7, decimal_places=6)
    left = models.DecimalField(_("left"), max_digits=7, decimal_places=6)
    change_reference = models.CharField(_("change"), max_length=40, blank=True)
    run = models.BigIntegerField(_("run"), null=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("entry of an allowance")
        verbose_name_plural = _("entries of allowances")
        ordering = ("-id",)
        triggers = append_only.KEPT
        indexes = [
            models.Index(fields=["allowance", "-id"], name="entries_of_an_allowance"),
            models.Index(
                fields=["change_reference", "allowance"],
                condition=~Q(change_reference=""),
                name="allowance_entries_by_change",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(what__in=(What.DRAWN, What.RETURNED, What.REFILLED, What.SHRUNK))
                | ~Q(change_reference=""),
                name="what_a_run_did_names_its_change",
            ),
            models.CheckConstraint(
                condition=~Q(what__in=(What.DRAWN, What.RETURNED)) | Q(amount__gt=0),
                name="what_is_drawn_is_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.amount} of allowance {self.allowance_id}"
