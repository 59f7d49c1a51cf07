"""What is kept of what changes cost: a book per objective and day, a debit per change in it, and corrections of those.

Amounts are whole numbers in the units in which the objective counts (`slo.engine.methods.UNIT`).
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from changes.change.vocabulary import OutcomeCode
from changes.ledger.vocabulary import FailedBy
from itsm.audit import append_only
from itsm.audit.only_people import NotByAnAgent

SHORTEST_REASON = 30


class LedgerDay(models.Model):
    """One day (UTC) of an objective, closed to the last failed event: whose its excess was.

    Kept of each day in which a change paid. Reckoned up to the minute `until_minute`, from what was measured by the
    writes up to `seen_revision`; what is written later reckons it again.
    """

    objective = models.ForeignKey("slo.Objective", models.PROTECT, related_name="ledger_days", db_index=False)
    day = models.DateField(_("day"))
    until_minute = models.BigIntegerField(_("reckoned until"))
    excess = models.BigIntegerField(_("excess"))
    debited = models.BigIntegerField(_("debited to changes"))
    dependency = models.BigIntegerField(_("to what it depends on"))
    unattributed = models.BigIntegerField(_("unattributed"))
    seen_revision = models.BigIntegerField(_("revision of what was measured"))
    reckoned_at = models.DateTimeField(_("reckoned at"))

    class Meta:
        verbose_name = _("day of the ledger")
        verbose_name_plural = _("days of the ledger")
        ordering = ("-day", "objective")
        indexes = [models.Index(fields=["day"], name="ledger_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["objective", "day"], name="one_ledger_day_per_objective"),
            models.CheckConstraint(
                condition=Q(debited__gte=0, dependency__gte=0, unattributed__gte=0)
                & Q(excess=F("debited") + F("dependency") + F("unattributed")),
                name="the_ledger_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"objective {self.objective_id} on {self.day}"


class Debit(models.Model):
    """What one change cost one objective in one day. `dependency`: the excess of its minutes that an upstream outage
    took; `share` and `gross` of the objective's budget, without and with that, rounded up.
    """

    change = models.ForeignKey("changes.Change", models.PROTECT, related_name="debits", db_index=False)
    objective = models.ForeignKey("slo.Objective", models.PROTECT, related_name="debits", db_index=False)
    day = models.DateField(_("day"))
    amount = models.BigIntegerField(_("debit"))
    dependency = models.BigIntegerField(_("to what it depends on"))
    share = models.DecimalField(_("share of the budget"), max_digits=20, decimal_places=9)
    gross = models.DecimalField(_("share with what it depends on"), max_digits=20, decimal_places=9)
    # Whether what follows from it was done since it moved last: the change's cost, its close code, its history.
    followed = models.BooleanField(_("followed"), default=False)

    class Meta:
        verbose_name = _("debit")
        verbose_name_plural = _("debits")
        ordering = ("change", "objective", "day")
        indexes = [
            models.Index(fields=["objective", "day"], name="debits_of_a_day"),
            models.Index(fields=["change"], condition=Q(followed=False), name="debits_to_follow"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["change", "objective", "day"], name="one_debit_per_change_objective_day"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, dependency__gte=0, share__gte=0, gross__gte=F("share")),
                name="a_debit_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of objective {self.objective_id} to change {self.change_id}"


class ChangeCost(models.Model):
    """What the debits of a change come to, in shares of the dearest budget, after refunds.

    `reserved` is what it held of that budget. `proposed` is the close code that follows; `failed`, whether the run
    counts as one. `final_at`: when all of its minutes were in; null while it still pays or measurements are missing.
    """

    change = models.OneToOneField("changes.Change", models.PROTECT, primary_key=True, related_name="cost")
    objective = models.ForeignKey("slo.Objective", models.PROTECT, null=True, related_name="+", db_index=False)
    share = models.DecimalField(_("share of the budget"), max_digits=20, decimal_places=9)
    reserved = models.DecimalField(_("reserved"), max_digits=20, decimal_places=9)
    failed = models.BooleanField(_("failed"), default=False)
    why = models.CharField(_("because"), max_length=12, choices=FailedBy, default=FailedBy.NOTHING, blank=True)
    proposed = models.CharField(_("proposed outcome"), max_length=30, choices=OutcomeCode)
    reckoned_at = models.DateTimeField(_("reckoned at"))
    final_at = models.DateTimeField(_("final since"), null=True)

    class Meta:
        verbose_name = _("cost of a change")
        verbose_name_plural = _("costs of changes")
        ordering = ("-share",)
        indexes = [models.Index(fields=["-share"], name="dearest_changes")]
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=0, reserved__gte=0), name="a_cost_is_not_negative"),
            models.CheckConstraint(condition=Q(failed=False) | ~Q(why=""), name="a_failed_run_says_why"),
        ]

    def __str__(self) -> str:
        return f"change {self.change_id}: {self.share}"


class Refund(models.Model):
    """A correction of a debit, on two names: so much of what a change was debited was not its doing."""

    kind = "refund"

    change = models.ForeignKey("changes.Change", models.PROTECT, related_name="refunds", verbose_name=_("change"))
    objective = models.ForeignKey("slo.Objective", models.PROTECT, related_name="+", verbose_name=_("objective"))
    amount = models.BigIntegerField(_("amount"))
    reason = models.TextField(_("reason"), max_length=2000)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("confirmed by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ("-id",)
        triggers = [*append_only.KEPT, NotByAnAgent("asked_by", "confirmed_by")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_refund_gives_something_back"),
            models.CheckConstraint(condition=~Q(asked_by=F("confirmed_by")), name="a_refund_has_two_names"),
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length(Trim("reason")), SHORTEST_REASON), name="a_refund_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} back to change {self.change_id}"

    @property
    def reference(self) -> str:
        return f"refund-{self.pk}"
