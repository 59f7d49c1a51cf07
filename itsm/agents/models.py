"""Software agents and the switch that stops them all. What they call is in the history (`audit.Entry`)."""

from collections.abc import Collection

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from itsm.agents.capabilities import Capability
from itsm.agents.permissions import overseers
from itsm.agents.vocabulary import State
from itsm.kernel.actors import Actor


class AgentQuerySet(models.QuerySet["Agent"]):
    def visible_to(self, actor: Actor) -> "AgentQuerySet":
        """One's own, as a person; administrators and auditors see all."""
        if overseers(actor):
            return self.all()
        return self.filter(account__owner=actor.id) if actor.is_human else self.none()

    def alive(self) -> "AgentQuerySet":
        """Those that have not ended; stopped ones among them."""
        return self.filter(account__is_active=True)


class Agent(models.Model):
    """A program that acts for a person, `account.owner`, through the agents' door alone.

    `account` (account type `agent`) has no role: what the agent may do is what its owner may do, less everything that
    decides, and narrowed by `capabilities`. `outward_after_reading`: capabilities whose tools it may use although it
    or another agent of its owner has read words of strangers within the hour (`read_outside_at`, whichever token read).
    """

    kind = "agent"

    account = models.OneToOneField("accounts.User", models.PROTECT, related_name="agent", verbose_name=_("account"))
    purpose = models.CharField(_("what it is for"), max_length=200, blank=True)
    capabilities = ArrayField(
        models.CharField(max_length=20, choices=Capability), verbose_name=_("capabilities"), default=list
    )
    outward_after_reading = ArrayField(
        models.CharField(max_length=20, choices=Capability),
        verbose_name=_("may write outward after reading words of strangers"),
        default=list,
        blank=True,
    )
    read_outside_at = models.DateTimeField(_("read words of strangers at"), null=True, editable=False)
    last_called_at = models.DateTimeField(_("last called at"), null=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, editable=False)
    stopped_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("stopped by")
    )
    stop_reason = models.CharField(_("why it was stopped"), max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("software agent")
        verbose_name_plural = _("software agents")
        ordering = ("account__username",)
        constraints = [
            models.CheckConstraint(
                condition=Q(capabilities__contained_by=[one.value for one in Capability])
                & Q(outward_after_reading__contained_by=[one.value for one in Capability]),
                name="capabilities_of_agents_are_known",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None, stopped_by=None) | Q(stopped_at__isnull=False, stopped_by__isnull=False),
                name="who_stopped_an_agent_is_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.account)

    def writing_outward(self, capabilities: Collection[str]) -> set[str]:
        """Of these capabilities those whose tools may write outward after words of strangers were read."""
        return {*capabilities} & {*self.outward_after_reading}

    @property
    def reference(self) -> str:
        return self.account.username

    @property
    def name(self) -> str:
        return self.account.name

    @property
    def state(self) -> str:
        """As in `vocabulary.State`."""
        if not self.account.is_active:
            return State.ENDED
        return State.STOPPED if self.is_stopped else State.ACTIVE

    @property
    def may(self) -> list[str]:
        """Its capabilities in words."""
        return [str(Capability(one).label) for one in self.capabilities]

    @property
    def is_stopped(self) -> bool:
        return self.stopped_at is not None

    def get_absolute_url(self) -> str:
        return f"/agents/{self.reference}/"


class CallCount(models.Model):
    """How often an agent called in the newest minute in which it did (`itsm.agents.counting`)."""

    agent = models.OneToOneField(Agent, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("agent"))
    minute = models.DateTimeField(_("minute"))
    calls = models.PositiveIntegerField(_("calls"))

    class Meta:
        verbose_name = _("calls of a minute")
        verbose_name_plural = _("calls of a minute")

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.calls}"


class AgentSwitch(models.Model):
    """One row: whether the agents' door is shut for all of them, by whom and why."""

    kind = "agent_switch"

    stopped_at = models.DateTimeField(_("stopped at"), null=True, editable=False)
    stopped_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("stopped by")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("switch of all software agents")
        verbose_name_plural = _("switch of all software agents")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_switch_of_all_agents"),
            models.CheckConstraint(
                condition=Q(stopped_at=None, stopped_by=None) | Q(stopped_at__isnull=False, stopped_by__isnull=False),
                name="who_stopped_all_agents_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return "all-agents"
