"""An ask is put to a role, a team, a panel or named people about one version of a record; answers only grow."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import Role
from itsm.approvals.four_eyes import FOUR_EYES
from itsm.approvals.models.plan import ApprovalPlan
from itsm.audit import append_only


class PanelRule(models.TextChoices):
    NONE_AGAINST = "none_against", _("nobody against")
    MAJORITY = "majority", _("majority")


class ApprovalRequest(models.Model):
    """Somebody is to decide about a record as it was at `content_hash`.

    Who may: a person with `role`, or a member of `team` with one of `team_roles`; of a panel (`panel_kind`,
    `panel_id`) its voters; of a `part` of a `plan` its `people`, whatever their roles; never one of `excluded`, who
    asked, authored, implements, or was delegated by someone who did.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    kind = "ask"

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    authority = models.CharField(_("authority"), max_length=60)  # the policy's name for who decides
    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True)
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    quorum = models.PositiveSmallIntegerField(_("quorum"), default=1)
    panel_kind = models.CharField(_("kind of panel"), max_length=20, blank=True)
    panel_id = models.BigIntegerField(_("panel"), null=True)
    rule = models.CharField(_("rule"), max_length=12, choices=PanelRule, blank=True)
    plan = models.ForeignKey(ApprovalPlan, models.PROTECT, null=True, related_name="asks", verbose_name=_("plan"))
    part = models.CharField(_("part"), max_length=40, blank=True)
    people = ArrayField(models.BigIntegerField(), verbose_name=_("people who are asked"), default=list)
    excluded = ArrayField(models.BigIntegerField(), verbose_name=_("excluded people"), default=list)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.OPEN)
    asked_at = models.DateTimeField(_("asked at"))
    due_at = models.DateTimeField(_("due at"), null=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    ended_because = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("ask for approval")
        verbose_name_plural = _("asks for approval")
        ordering = ("due_at", "id")
        indexes = [
            models.Index(fields=["role", "due_at"], condition=Q(status="open"), name="ask_open_by_role"),
            models.Index(fields=["record_kind", "record_id", "-id"], name="asks_about_a_record"),
            models.Index(
                fields=["panel_kind", "panel_id"],
                condition=Q(status="open") & ~Q(panel_kind=""),
                name="ask_open_of_panel",
            ),
            GinIndex(fields=["people"], condition=Q(status="open") & ~Q(part=""), name="ask_open_of_people"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(quorum__gte=1), name="a_quorum_is_at_least_one"),
            models.UniqueConstraint(
                fields=["record_kind", "record_id", "part"], condition=Q(status="open"), name="one_open_ask_per_part"
            ),
            models.CheckConstraint(
                condition=(Q(plan=None, part="", people=[]) & ~Q(role=""))
                | (Q(plan__isnull=False, panel_kind="", team=None, role="") & ~Q(part="") & ~Q(people=[])),
                name="a_part_of_a_plan_names_its_people",
            ),
            models.CheckConstraint(
                condition=Q(panel_kind="", panel_id=None, rule="")
                | (~Q(panel_kind="") & Q(panel_id__isnull=False, rule__in=PanelRule.values)),
                name="a_panel_is_named_with_its_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"ask {self.pk} about {self.record_kind} {self.record_id}"

    @property
    def reference(self) -> str:
        return f"ask-{self.pk}"


class ApprovalDecision(models.Model):
    """One person's decision. The database refuses it from the excluded, from non-humans, and twice.

    `in_place_of`: whose seat it is, where a delegate or substitute said it; the database refuses it without a
    delegation that runs, or where either of the two is excluded.

    A vote in a panel carries an id that its client made, and may be followed by another one of the same person.
    """

    class Decision(models.TextChoices):
        APPROVE = "approve", _("approved")
        DECLINE = "decline", _("declined")
        ABSTAIN = "abstain", _("abstained")
        RECUSE = "recuse", _("withdrew from deciding")
        DISCUSS = "discuss", _("asked to discuss it")

    ask = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="answers", verbose_name=_("ask"))
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    in_place_of = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("in place of")
    )
    vote_id = models.UUIDField(_("id of the vote"), null=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    comment = models.TextField(_("comment"), blank=True, max_length=4000)
    content_hash = models.CharField(_("content hash"), max_length=64)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("answer to an ask")
        verbose_name_plural = _("answers to asks")
        ordering = ("at", "id")
        triggers = [*append_only.KEPT, FOUR_EYES]
        constraints = [
            models.UniqueConstraint(
                fields=["ask", "by"], condition=Q(vote_id=None), name="one_answer_per_person_and_ask"
            ),
            models.UniqueConstraint(
                "ask",
                Coalesce("in_place_of", "by"),
                condition=Q(vote_id=None),
                name="a_person_and_their_delegate_answer_once",
            ),
            models.UniqueConstraint(fields=["ask", "vote_id"], name="a_vote_counts_once"),
            models.CheckConstraint(
                condition=Q(decision__in=["approve", "decline"]) | Q(vote_id__isnull=False),
                name="only_votes_neither_approve_nor_decline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} by {self.by_id}"

    @property
    def said_by(self) -> str:
        """Who said it; both names, where it was said in somebody's place."""
        if self.in_place_of is None:
            return str(self.by)
        return gettext("%(delegate)s for %(person)s") % {"delegate": self.by, "person": self.in_place_of}
