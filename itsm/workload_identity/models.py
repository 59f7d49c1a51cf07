"""Whose tokens are believed, which workload is which account here, and which tokens were used."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.administration import trust
from itsm.kernel.actors import Actor
from itsm.workload_identity.permissions import readers
from itsm.workload_identity.vocabulary import Standing

MAX_ISSUER = 300
MAX_CLAIMS = 10
GOOD_FOR = timedelta(minutes=10)  # what a token is exchanged for


class OfKeepers(trust.OfKeepers):
    def may_read(self, actor: Actor) -> bool:
        """Administrators and auditors."""
        return readers(actor)


class Trust(trust.Trust):
    """Never edited: withdrawn, and made anew."""

    stands = (Standing.PROPOSED, Standing.TRUSTED, Standing.WITHDRAWN)

    objects = OfKeepers.as_manager()

    class Meta:
        abstract = True


class TrustedIssuer(Trust):
    """Who signs tokens of pipelines, such as https://token.actions.githubusercontent.com.

    `keys`: its public keys (JWK) by their `kid`, as they were read last. A kid is pinned to the key that it had first.
    `keys_asked_at`: when they were asked for last, with or without an answer.
    """

    kind = "trusted_issuer"

    name = models.CharField(_("name"), max_length=80)
    issuer = models.CharField(_("issuer"), max_length=MAX_ISSUER)
    keys = models.JSONField(_("keys"), default=dict, editable=False)
    keys_read_at = models.DateTimeField(_("keys read at"), null=True, editable=False)
    keys_asked_at = models.DateTimeField(_("keys asked for at"), null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)
    trusted_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("trusted by"))

    class Meta:
        verbose_name = _("trusted issuer")
        verbose_name_plural = _("trusted issuers")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["issuer"], condition=Q(withdrawn_at=None), name="an_issuer_is_trusted_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/settings/workloads/{self.pk}/"


class WorkloadMapping(Trust):
    """Workloads whose token makes these claims are that account here, a service account, and may ask the gate.

    `claims`: name to value, all of which must be made; a value may end in `*`. One of them says which repository.
    """

    kind = "workload_mapping"

    issuer = models.ForeignKey(TrustedIssuer, models.PROTECT, related_name="mappings", verbose_name=_("issuer"))
    claims = models.JSONField(_("claims"))
    account = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("account"))
    mapped_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("mapped by"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)

    class Meta:
        verbose_name = _("workload mapping")
        verbose_name_plural = _("workload mappings")
        ordering = ("issuer", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "claims"], condition=Q(withdrawn_at=None), name="claims_are_mapped_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.said} → {self.account}"

    @property
    def said(self) -> str:
        """`repository = acme/checkout, environment = production`."""
        return ", ".join(f"{name} = {value}" for name, value in sorted(self.claims.items()))

    @property
    def reference(self) -> str:
        return f"workload-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"/settings/workloads/{self.issuer_id}/"


class UsedAssertion(models.Model):
    """A token of a workload that was exchanged: it is good for nothing a second time. Kept until it has expired.

    `jti_hash`: SHA-256 of its `jti`. `token`: what it was exchanged for.
    """

    issuer = models.ForeignKey(TrustedIssuer, models.PROTECT, related_name="+", db_index=False)
    jti_hash = models.CharField(_("hash of its jti"), max_length=64)
    mapping = models.ForeignKey(WorkloadMapping, models.PROTECT, related_name="uses")
    token = models.ForeignKey("accounts.Token", models.CASCADE, related_name="+")
    at = models.DateTimeField(_("used at"))
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("used assertion")
        verbose_name_plural = _("used assertions")
        ordering = ("-id",)
        indexes = [models.Index(fields=["expires_at"], name="used_assertion_by_end")]
        constraints = [models.UniqueConstraint(fields=["issuer", "jti_hash"], name="a_workload_token_is_used_once")]

    def __str__(self) -> str:
        return f"{self.jti_hash[:12]} of {self.mapping_id}"


class UnmappedWorkload(models.Model):
    """A workload of a trusted issuer that asked to come in and belongs to no account: what an administrator may map.

    `claims`: those that a mapping may name. One row for each repository and environment; the last time counts.
    """

    issuer = models.ForeignKey(TrustedIssuer, models.CASCADE, related_name="unmapped", db_index=False)
    key = models.CharField(_("key"), max_length=64)
    claims = models.JSONField(_("claims"))
    first_at = models.DateTimeField(_("first at"))
    last_at = models.DateTimeField(_("last at"))
    times = models.PositiveIntegerField(_("times"), default=1)

    class Meta:
        verbose_name = _("unmapped workload")
        verbose_name_plural = _("unmapped workloads")
        ordering = ("-last_at", "-id")
        constraints = [models.UniqueConstraint(fields=["issuer", "key"], name="an_unmapped_workload_is_listed_once")]

    def __str__(self) -> str:
        return str(self.claims.get("repository") or self.claims.get("project_path") or self.claims.get("sub"))
