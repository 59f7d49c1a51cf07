"""Platforms that tell of deployments, and what of theirs is which service of ours."""

import secrets
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from changes.delivery.vocabulary import Platform
from itsm.notifications.credentials import credentials_of
from itsm.slugs import slug_shape
from itsm.webhooks import signing


def new_key() -> str:
    return secrets.token_hex(16)


class DeliverySource(models.Model):
    """One platform, or one organisation on it, that sends signed webhooks. `account`: the program that it acts as.

    The secret of its signatures is the credential of that name, or derived from `key` and shown once; the one before
    counts until `before_until`. `api_url`, `api_credential`: where its questions are answered, and with what: of GitHub
    the key of the App whose number `app_id` is, of GitLab a token. `mapping`: where a generic one says what.
    """

    kind = "delivery_source"

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    platform = models.CharField(_("platform"), max_length=10, choices=Platform)
    account = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("program"))
    credential = models.CharField(_("secret"), max_length=63, blank=True, validators=[slug_shape])
    key = models.CharField(_("key"), max_length=64, default=new_key, editable=False)
    key_before = models.CharField(_("key before"), max_length=64, blank=True, editable=False)
    before_until = models.DateTimeField(_("the secret before counts until"), null=True, editable=False)
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    api_url = models.CharField(_("address of its API"), max_length=300, blank=True)
    app_id = models.CharField(_("number of the App"), max_length=20, blank=True)
    api_credential = models.CharField(_("key or token of its API"), max_length=63, blank=True, validators=[slug_shape])
    created_at = models.DateTimeField(_("created at"))
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("source of deliveries")
        verbose_name_plural = _("sources of deliveries")
        ordering = ("slug",)
        indexes = [models.Index(fields=["platform"], condition=Q(retired_at=None), name="delivery_source_live")]
        constraints = [
            models.CheckConstraint(condition=Q(platform__in=Platform.values), name="a_delivery_source_has_a_platform"),
            models.CheckConstraint(
                condition=Q(key_before="") | Q(before_until__isnull=False), name="a_key_before_counts_until"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def secrets(self, at: datetime) -> list[str]:
        """The secret that counts, as its platform was told it, and the one before while it does.

        Raises CredentialMissing.
        """
        if self.credential:
            return [credentials_of("bearer", self.credential).secret]
        keys = [self.key]
        if self.key_before and self.before_until is not None and at < self.before_until:
            keys.append(self.key_before)
        return [signing.written(signing.derived(f"delivery:{key}")) for key in keys]


class DeploymentRoute(models.Model):
    """What of a platform is a service of ours in an environment of ours. An empty workflow or environment means any.

    The most exact of several counts. Repositories are kept in small letters.
    """

    kind = "deployment_route"

    source = models.ForeignKey(DeliverySource, models.PROTECT, related_name="routes", verbose_name=_("source"))
    repository = models.CharField(_("repository"), max_length=200)
    workflow = models.CharField(_("workflow"), max_length=200, blank=True)
    theirs = models.CharField(_("environment there"), max_length=200, blank=True)
    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="+", verbose_name=_("service"))
    environment = models.CharField(_("environment"), max_length=40)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(_("created at"))
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("mapping of deployments")
        verbose_name_plural = _("mappings of deployments")
        ordering = ("repository", "workflow", "theirs", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "repository", "workflow", "theirs"], name="one_mapping_of_what_is_told"
            ),
            models.CheckConstraint(condition=~Q(repository=""), name="a_mapping_names_a_repository"),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.repository, self.workflow, self.theirs) if part)

    @property
    def reference(self) -> str:
        return f"deployment-route-{self.pk}"
