"""Deployments as they happened: one row each, whoever told of it and however often."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from changes.delivery.vocabulary import MatchedBy, Result, Rework, Standing, ToldBy
from itsm.accounts.permissions import colleagues
from itsm.kernel.actors import Actor
from itsm.notifications.web_addresses import MAX_LENGTH, web_address


class DeploymentEventQuerySet(models.QuerySet["DeploymentEvent"]):
    def visible_to(self, actor: Actor) -> "DeploymentEventQuerySet":
        """Whoever may see changes at all; requesters see none."""
        return self if colleagues(actor) else self.none()

    def told_once(self) -> "DeploymentEventQuerySet":
        """Each deployment once: what is another telling of the same one is left out."""
        return self.filter(same_as=None)


class DeploymentEvent(models.Model):
    """One deployment of one version to one environment of a service.

    `told_by` and `external_id` make it one, however often it is told. A deployment that the gate started and its
    platform tells of too is one as well: the platform's row points to the gate's by `same_as`. `deployment` is the run
    under an authorisation, `change` the change it belongs to: its own, or the unauthorised one that it became.
    """

    kind = "deployment_event"

    told_by = models.CharField(_("told by"), max_length=10, choices=ToldBy)
    external_id = models.CharField(_("its id there"), max_length=200)
    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="+", verbose_name=_("service"))
    environment = models.CharField(_("environment"), max_length=40)
    version = models.CharField(_("version"), max_length=100, blank=True)
    artifact_digest = models.CharField(_("artifact digest"), max_length=200, blank=True)
    commit = models.CharField(_("commit"), max_length=64, blank=True)
    repository = models.CharField(_("repository"), max_length=200, blank=True)
    run_id = models.CharField(_("run"), max_length=200, blank=True)
    url = models.CharField(_("address"), max_length=MAX_LENGTH, blank=True, validators=[web_address])
    result = models.CharField(_("result"), max_length=12, choices=Result, default=Result.STARTED)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    told_at = models.DateTimeField(_("told at"))
    who = models.CharField(_("who"), max_length=200, blank=True)
    person = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("person"))
    rework = models.CharField(_("rework"), max_length=8, choices=Rework, default=Rework.NONE, blank=True)
    same_as = models.ForeignKey("self", models.PROTECT, null=True, related_name="tellings", verbose_name=_("same as"))
    deployment = models.OneToOneField(
        "changes.Deployment", models.PROTECT, null=True, related_name="event", verbose_name=_("deployment")
    )
    change = models.ForeignKey(
        "changes.Change", models.PROTECT, null=True, related_name="deployment_events", verbose_name=_("change")
    )
    standing = models.CharField(_("authorisation"), max_length=12, choices=Standing, default=Standing.WAITING)
    # What could not be looked at is parked until then; what waits with it goes on.
    trouble = models.CharField(_("trouble"), max_length=300, blank=True)
    retry_at = models.DateTimeField(_("looked at again"), null=True, blank=True)
    matched_by = models.CharField(_("matched by"), max_length=6, choices=MatchedBy, blank=True)

    objects = DeploymentEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("deployment event")
        verbose_name_plural = _("deployment events")
        ordering = ("-started_at", "-id")
        indexes = [
            models.Index(fields=["service", "environment", "-started_at"], name="event_by_service"),
            models.Index(fields=["told_at"], condition=Q(standing="waiting"), name="event_waiting"),
            models.Index(fields=["change"], name="event_by_change"),
            models.Index(fields=["-told_at"], condition=Q(standing="unauthorised"), name="event_given_up"),
            models.Index(fields=["service", "finished_at"], condition=Q(same_as=None), name="event_by_end"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["told_by", "external_id"], name="one_event_per_id_there"),
            models.CheckConstraint(
                condition=Q(result="started", finished_at=None) | (~Q(result="started") & Q(finished_at__isnull=False)),
                name="an_ended_event_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(standing="authorised") | (Q(change__isnull=False) & ~Q(matched_by="")),
                name="an_authorised_event_has_its_change",
            ),
            models.CheckConstraint(condition=~Q(same_as=F("id")), name="no_event_is_its_own_telling"),
            # One to one: two deployments that one teller tells apart are never the same run under one authorisation.
            models.UniqueConstraint(
                fields=["same_as", "told_by"], condition=Q(same_as__isnull=False), name="a_teller_tells_of_a_run_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.environment} {self.version or self.artifact_digest or self.commit}"

    @property
    def reference(self) -> str:
        return f"deployment-event-{self.pk}"


class DeliveredCommit(models.Model):
    """A commit that a deployment holds, with its time: what lead time is counted from."""

    event = models.ForeignKey(DeploymentEvent, models.CASCADE, related_name="commits", verbose_name=_("deployment"))
    sha = models.CharField(_("commit"), max_length=64)
    committed_at = models.DateTimeField(_("committed at"))

    class Meta:
        verbose_name = _("delivered commit")
        verbose_name_plural = _("delivered commits")
        indexes = [models.Index(fields=["sha"], name="delivery_of_commit")]
        constraints = [models.UniqueConstraint(fields=["event", "sha"], name="a_commit_once_per_deployment")]

    def __str__(self) -> str:
        return self.sha
