"""What a software agent proposes about a record, in parts, and what people made of each."""

from datetime import timedelta

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.audit.triggers import Guard

OPEN_FOR = timedelta(days=14)
UNDO_WITHIN = timedelta(minutes=30)
MOST_OF_A_RECORD = 5  # that wait, of one agent
MOST_WAITING = 100  # of one agent
MOST_PARTS = 20
LONGEST_REASON = 500
LONGEST_VALUE = 20_000

# What an agent said stays what it said, but for the names of somebody who is erased, and only an agent says it; what
# waits may end, and only a word of a person that was taken back lets it wait again.
_MASKS = "IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN RETURN NEW; END IF;"
_AS_PROPOSED = Guard(
    name="as_proposed",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
    {_MASKS}
    IF (NEW.sort, NEW.record_kind, NEW.record_id, NEW.about, NEW.record_version, NEW.agent_id, NEW.reason, NEW.source,
        NEW.digest, NEW.at, NEW.closes_at)
       IS DISTINCT FROM (OLD.sort, OLD.record_kind, OLD.record_id, OLD.about, OLD.record_version, OLD.agent_id,
        OLD.reason, OLD.source, OLD.digest, OLD.at, OLD.closes_at) THEN
      RAISE EXCEPTION 'a proposal stays as it was made' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state IN ('withdrawn', 'closed') AND NEW.state <> OLD.state THEN
      RAISE EXCEPTION 'a proposal that is over stays over' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
_BY_AGENTS = Guard(
    name="by_agents",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
    IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = NEW.agent_id AND u.account_type = 'agent') THEN
      RAISE EXCEPTION 'only software agents propose' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
_DECIDED_ONCE = Guard(
    name="decided_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
    {_MASKS}
    IF (NEW.proposal_id, NEW.field, NEW.label, NEW.before, NEW.value, NEW.stood, NEW.shown)
       IS DISTINCT FROM (OLD.proposal_id, OLD.field, OLD.label, OLD.before, OLD.value, OLD.stood, OLD.shown) THEN
      RAISE EXCEPTION 'what was proposed stays as it was made' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> 'waiting' AND NEW.state NOT IN (OLD.state, 'waiting')
      OR OLD.state = 'overtaken' AND NEW.state <> 'overtaken' THEN
      RAISE EXCEPTION 'a part is decided once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
_BY_PEOPLE = Guard(
    name="by_people",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    condition=pgtrigger.Condition("NEW.decided_by_id IS NOT NULL"),
    func="""
    IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = NEW.decided_by_id AND u.account_type = 'human') THEN
      RAISE EXCEPTION 'only people decide what was proposed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)


class Proposal(models.Model):
    """`sort`: the kind of proposal (`itsm.proposals.kinds`). `about`: the record's reference, `record_version`: as the
    agent read it. `owner`: whom the agent acted for. `reason` and `source` (where it read that) are its words, with
    what nobody would see written out. `digest`: of what is proposed, so that the same twice is one."""

    kind = "proposal"

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DECIDED = "decided", _("decided")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CLOSED = "closed", _("closed")

    sort = models.CharField(_("kind"), max_length=40)
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    about = models.CharField(_("record's reference"), max_length=40)
    record_version = models.PositiveIntegerField(_("version of the record"))
    agent = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("software agent"))
    owner = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="+", db_index=False, verbose_name=_("on behalf of")
    )
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    source = models.CharField(_("source"), max_length=LONGEST_REASON, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(_("proposed at"))
    closes_at = models.DateTimeField(_("waits until"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ("-id",)
        triggers = [_AS_PROPOSED, _BY_AGENTS]
        indexes = [
            models.Index(fields=["record_kind", "record_id"], condition=Q(state="waiting"), name="proposals_that_wait"),
            models.Index(fields=["agent", "-id"], name="proposals_by_agent"),
            models.Index(fields=["at"], name="proposals_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "record_kind", "record_id", "digest"],
                condition=Q(state="waiting"),
                name="the_same_proposal_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "decided", "withdrawn", "closed")), name="proposal_state_is_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_proposal_has_its_reason"),
            models.CheckConstraint(condition=Q(closes_at__gt=models.F("at")), name="a_proposal_waits_for_a_while"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"PROP-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"/proposals/{self.pk}/"


class ProposalPart(models.Model):
    """One field, text or arrow that is proposed. `before` and `value` as REST has them, `stood` and `shown` as people
    read them. `why`: of who dismissed it, or what overtook it. `written`: what was accepted, where it is another value.
    `made`: what accepting it wrote: `changes` [before, after] by field, the record's `version` then, a `path`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        EDITED = "edited", _("accepted with changes")
        DISMISSED = "dismissed", _("dismissed")
        OVERTAKEN = "overtaken", _("overtaken")

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="parts", db_index=False)
    field = models.CharField(_("field"), max_length=80)
    label = models.CharField(_("name"), max_length=120)
    before = models.JSONField(_("value then"), null=True, encoder=DjangoJSONEncoder)
    value = models.JSONField(_("proposed value"), null=True, encoder=DjangoJSONEncoder)
    stood = models.TextField(_("value then, in words"), blank=True)
    shown = models.TextField(_("proposed value, in words"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    why = models.CharField(_("why"), max_length=300, blank=True)
    written = models.JSONField(_("written value"), null=True, encoder=DjangoJSONEncoder)
    made = models.JSONField(null=True, encoder=DjangoJSONEncoder, editable=False)

    class Meta:
        verbose_name = _("part of a proposal")
        verbose_name_plural = _("parts of proposals")
        ordering = ("proposal", "id")
        triggers = [_DECIDED_ONCE, _BY_PEOPLE]
        indexes = [models.Index(fields=["decided_at"], name="proposal_parts_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "field"], name="a_field_is_proposed_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | Q(state="overtaken", decided_by=None, decided_at__isnull=False)
                | Q(state__in=("accepted", "edited", "dismissed"), decided_by__isnull=False, decided_at__isnull=False),
                name="who_decided_a_part_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING
