"""Endpoints, and what was sent to them."""

import secrets
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.queues import rights_in_queues
from itsm.alike import ReadAlike
from itsm.kernel.actors import Actor
from itsm.notifications.models import Attempt, Delivery
from itsm.webhooks import secret_addresses, signing
from itsm.webhooks.permissions import keepers
from itsm.webhooks.vocabulary import COMMANDING, EVERYTHING, TONES, Form, Status

MAX_URL = 500
MAX_EVENTS = 100


def new_key() -> str:
    return secrets.token_hex(16)


class EndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def on(self) -> "EndpointQuerySet":
        """Those to which something is sent, failing or not."""
        return self.filter(off_at=None)

    def visible_to(self, actor: Actor) -> "EndpointQuerySet":
        """For those who keep endpoints: all but those of confidential teams that they do not see."""
        if not keepers(actor):
            return self.none()
        return self.exclude(team_id__in=rights_in_queues(actor).hidden)


class WebhookEndpoint(models.Model):
    """Where messages go: `url`, or `secret:` and the name of the secret that holds it (`secret_addresses`). `events`:
    types such as `incident.resolved`, or `incident.*`, or `*`.

    `team`: what lies in its queue, confidential or not, is told; `only_team`: and nothing else. The secret is the
    credential of that name, or derived from `key` (`signing`); the one before counts until `before_until`. `options`
    are the form's own words, such as a room. `slash_credential`: the name of what slash commands are proven with; while
    it is empty none is heard.
    """

    kind = "webhook_endpoint"

    name = models.CharField(_("name"), max_length=80, unique=True)
    name_key = ReadAlike(of="name", unique=True)
    url = models.CharField(_("address"), max_length=MAX_URL)
    form = models.CharField(_("form"), max_length=12, choices=Form, default=Form.STANDARD)
    events = ArrayField(models.CharField(max_length=100), verbose_name=_("events"))
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    only_team = models.BooleanField(_("only what lies with this team"), default=False)
    credential = models.CharField(_("credential"), max_length=63, blank=True)
    credential_before = models.CharField(_("credential before"), max_length=63, blank=True, editable=False)
    key = models.CharField(_("key"), max_length=64, default=new_key, editable=False)
    key_before = models.CharField(_("key before"), max_length=64, blank=True, editable=False)
    before_until = models.DateTimeField(_("the secret before counts until"), null=True, editable=False)
    options = models.JSONField(_("options"), default=dict, blank=True)
    slash_credential = models.CharField(_("secret of its slash commands"), max_length=63, blank=True)
    off_at = models.DateTimeField(_("off since"), null=True, editable=False)
    off_because = models.CharField(_("off because"), max_length=300, blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    last_ok_at = models.DateTimeField(_("last success"), null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, editable=False)
    told_at = models.DateTimeField(_("its owner was told at"), null=True, editable=False)
    owner = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="+", verbose_name=_("told when something was given up")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(condition=Q(form__in=Form.values), name="an_endpoint_has_a_form"),
            models.CheckConstraint(condition=Q(off_at=None) | Q(failing_since=None), name="what_is_off_does_not_fail"),
            models.CheckConstraint(condition=Q(events__len__gte=1), name="an_endpoint_wants_something"),
            models.CheckConstraint(
                condition=Q(only_team=False) | Q(team__isnull=False), name="only_of_a_team_that_is_named"
            ),
            models.CheckConstraint(
                condition=Q(slash_credential="") | Q(form__in=COMMANDING), name="only_some_chats_send_commands"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    @property
    def status(self) -> Status:
        if self.off_at is not None:
            return Status.OFF
        return Status.ON if self.failing_since is None else Status.FAILING

    @property
    def tone(self) -> str:
        return TONES[self.status]

    def get_absolute_url(self) -> str:
        return f"/settings/webhooks/{self.pk}/"

    @property
    def address(self) -> str:
        """Where it leads: `url`, or what the secret that it names holds. Raises CredentialMissing."""
        return secret_addresses.address_of(self.url)

    def wants(self, type_: str) -> bool:
        kind = type_.partition(".")[0]
        return not {EVERYTHING, type_, f"{kind}.*"}.isdisjoint(self.events)

    def secrets(self, at: datetime) -> list[bytes]:
        """The one that counts, and the one before while it still does. Raises CredentialMissing."""
        pairs = [(self.credential, self.key)]
        if self.before_until is not None and at < self.before_until:
            pairs.append((self.credential_before, self.key_before))
        return [signing.credential(name) if name else signing.derived(key) for name, key in pairs if name or key]


class WebhookEvent(models.Model):
    """Something that happened, as messages say it. `key` is the message's id, the same for every receiver and try.

    `body` is sent to the byte, by whoever signs it; what is thin says where the rest is. Kept for thirty days.
    """

    key = models.CharField(_("message"), max_length=40, unique=True)
    type = models.CharField(_("type"), max_length=100)
    at = models.DateTimeField(_("at"))
    record_kind = models.CharField(_("record kind"), max_length=40, blank=True)
    record_id = models.BigIntegerField(_("record"), null=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    path = models.CharField(_("path"), max_length=200, blank=True)
    body = models.TextField(_("body"))

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["at"], name="webhook_event_by_time"),
            models.Index(fields=["record_kind", "record_id"], name="webhook_event_by_record"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.reference}"


class WebhookDelivery(models.Model):
    """One message for one endpoint. `key` is that of its row in the outbox, which knows how it stands."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(WebhookEvent, models.CASCADE, related_name="deliveries")
    key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    is_replay = models.BooleanField(_("sent again by hand"), default=False)
    # Filled in by whoever reads the log (queries.put_on).
    owed: Delivery | None = None
    tries: list[Attempt] | tuple[()] = ()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-id",)
        indexes = [models.Index(fields=["endpoint", "-id"], name="webhook_log")]

    def __str__(self) -> str:
        return self.key

    @property
    def state(self) -> str:
        """delivered, given_up, or owed."""
        if self.owed is None:
            return "given_up"
        return "delivered" if self.owed.delivered_at else "given_up" if self.owed.dead_at else "owed"

    @property
    def said(self) -> Any:
        return self.tries[-1].said if self.tries else ""
