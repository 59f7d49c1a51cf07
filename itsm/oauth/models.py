"""Clients that registered, what people consented to, and the codes and refresh tokens of it, as hashes.

Their methods are what Authlib asks of a client, a code and a token.
"""

from datetime import datetime
from urllib.parse import urlsplit

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.agents.capabilities import Capability
from itsm.audit.triggers import Guard
from itsm.oauth.redirects import LONGEST, matches
from itsm.oauth.vocabulary import Ending

GRANT_TYPES = ("authorization_code", "refresh_token")


def _once(name: str, *columns: str) -> Guard:
    """These columns are filled once and stay; of the rest nothing changes. What has expired may be deleted."""
    free = ", ".join(f"'{one}'" for one in columns)
    same = " OR ".join(f"(OLD.{one} IS NOT NULL AND OLD.{one} IS DISTINCT FROM NEW.{one})" for one in columns)
    return Guard(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
        IF TG_OP = 'DELETE' THEN
          IF OLD.expires_at > now() THEN
            RAISE EXCEPTION '% goes once it has expired', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
          END IF;
          RETURN OLD;
        END IF;
        IF to_jsonb(OLD) - ARRAY[{free}] IS DISTINCT FROM to_jsonb(NEW) - ARRAY[{free}] OR {same} THEN
          RAISE EXCEPTION '% is used once, and stays as it was made', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
        """,
    )


class OAuthClient(models.Model):
    """A program that registered itself (RFC 7591), or whose id is the address of a document that describes it. It has
    no secret, and `name` is what it calls itself.

    `registered_from`: a keyed hash of the address, or of who asked, to count by. Who never came back is forgotten.
    Of a document: when it was `read_at`, until when that counts, when it last `changed_at` where it goes back to.
    """

    kind = "oauth_client"

    client_id = models.CharField(_("client id"), max_length=LONGEST, unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    redirect_uris = ArrayField(models.CharField(max_length=400), verbose_name=_("redirect addresses"))
    registered_at = models.DateTimeField(_("registered at"))
    registered_from = models.CharField(_("registered from"), max_length=64)
    used_at = models.DateTimeField(_("last used at"), null=True)
    read_at = models.DateTimeField(_("document read at"), null=True)
    fresh_until = models.DateTimeField(_("document counts until"), null=True)
    changed_at = models.DateTimeField(_("redirect addresses changed at"), null=True)

    class Meta:
        verbose_name = _("OAuth client")
        verbose_name_plural = _("OAuth clients")
        ordering = ("-id",)
        indexes = [models.Index(fields=["registered_at"], name="oauth_clients_by_age")]
        constraints = [
            models.CheckConstraint(
                condition=Q(client_id__startswith="https://", read_at__isnull=False, fresh_until__isnull=False)
                | (~Q(client_id__startswith="https://") & Q(read_at=None, fresh_until=None, changed_at=None)),
                name="a_client_of_an_address_was_read_there",
            ),
        ]

    def __str__(self) -> str:
        return self.client_id

    @property
    def reference(self) -> str:
        return self.client_id[:80]

    @property
    def host(self) -> str:
        """Who vouches for it: the host of its document; "" where it registered itself."""
        return urlsplit(self.client_id).netloc if self.read_at else ""

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """None: the address is always said, so that nobody is sent to one that they did not mean."""
        return None

    def get_allowed_scope(self, scope: str | None) -> str:
        """What of it is known, in the order of the capabilities; all of them where none is named."""
        asked = {*(scope or "").split()} or {*Capability.values}
        return " ".join(one for one in Capability.values if one in asked)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return any(matches(one, redirect_uri) for one in self.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """It has none."""
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANT_TYPES


class OAuthGrant(models.Model):
    """What a person consented to: one client, one agent of theirs, these capabilities, until `expires_at`.

    All tokens that follow from it are its family, and end with it.
    """

    kind = "oauth_grant"

    client = models.ForeignKey(OAuthClient, models.PROTECT, related_name="grants", verbose_name=_("client"))
    agent = models.ForeignKey("agents.Agent", models.PROTECT, related_name="grants", verbose_name=_("agent"))
    capabilities = ArrayField(models.CharField(max_length=20, choices=Capability), verbose_name=_("capabilities"))
    resource = models.CharField(_("resource"), max_length=400)
    granted_at = models.DateTimeField(_("granted at"))
    expires_at = models.DateTimeField(_("expires at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_because = models.CharField(_("why it ended"), max_length=10, choices=Ending, null=True)  # noqa: DJ001

    class Meta:
        verbose_name = _("OAuth grant")
        verbose_name_plural = _("OAuth grants")
        ordering = ("-id",)
        triggers = [_once("ends_once", "ended_at", "ended_because")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because=None) | Q(ended_at__isnull=False, ended_because__isnull=False),
                name="why_a_grant_ended_is_known",
            ),
            models.CheckConstraint(
                condition=Q(capabilities__contained_by=[one.value for one in Capability]),
                name="capabilities_of_grants_are_known",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"oauth-{self.pk}"

    def is_alive(self, at: datetime) -> bool:
        """Whether tokens may still follow from it, as far as it says itself."""
        return self.ended_at is None and at < self.expires_at


class OAuthCode(models.Model):
    """An authorization code: good once, for a minute, for this client, address and challenge."""

    code_hash = models.CharField(_("hash"), max_length=64, unique=True)
    client = models.ForeignKey(OAuthClient, models.PROTECT, related_name="codes", verbose_name=_("client"))
    agent = models.ForeignKey("agents.Agent", models.PROTECT, related_name="+", verbose_name=_("agent"))
    capabilities = ArrayField(models.CharField(max_length=20, choices=Capability), verbose_name=_("capabilities"))
    redirect_uri = models.CharField(_("redirect address"), max_length=400)
    code_challenge = models.CharField(_("challenge"), max_length=128)
    resource = models.CharField(_("resource"), max_length=400)
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)
    grant = models.ForeignKey(OAuthGrant, models.PROTECT, null=True, related_name="codes", verbose_name=_("grant"))

    class Meta:
        verbose_name = _("authorization code")
        verbose_name_plural = _("authorization codes")
        ordering = ("-id",)
        triggers = [_once("used_once", "used_at", "grant_id")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="a_code_expires_after_birth"),
            models.CheckConstraint(
                condition=Q(grant=None) | Q(used_at__isnull=False), name="a_code_gives_as_it_is_used"
            ),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"

    @property
    def code_challenge_method(self) -> str:
        return "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.capabilities)


class OAuthRefresh(models.Model):
    """A refresh token: good once. `access`: the access token that was made with it."""

    token_hash = models.CharField(_("hash"), max_length=64, unique=True)
    grant = models.ForeignKey(OAuthGrant, models.PROTECT, related_name="refreshes", verbose_name=_("grant"))
    access = models.ForeignKey("accounts.Token", models.CASCADE, related_name="+", verbose_name=_("access token"))
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")
        ordering = ("-id",)
        triggers = [_once("used_once", "used_at")]

    def __str__(self) -> str:
        return f"refresh {self.pk} of {self.grant_id}"

    def check_client(self, client: OAuthClient) -> bool:
        return self.grant.client_id == client.pk

    def get_scope(self) -> str:
        return " ".join(self.grant.capabilities)
