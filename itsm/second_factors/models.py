"""What people show beside their password, which roles must, and the sealed administrator for the worst of days."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import Role
from itsm.kernel.actors import Actor
from itsm.second_factors.permissions import readers

MOST_OF_A_KIND = 10
RECOVERY_CODES = 10
FEW_CODES = 3
UNTESTED_AFTER = timedelta(days=90)


class Factor(models.Model):
    """What is common to an app that makes codes and to a key. `name`: as its owner calls it, "blue key"."""

    name = models.CharField(_("name"), max_length=60)
    created_at = models.DateTimeField(_("added at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class CodeApp(Factor):
    """An app that makes six digits every thirty seconds (TOTP, RFC 6238).

    `sealed`: its secret, encrypted with the instance's key. `last_step`: the step of the last code that was taken, so
    that each code is good once. `confirmed_at`: when its first code was shown; before that it counts for nothing.
    """

    kind = "code_app"

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="code_apps", verbose_name=_("person"))
    sealed = models.TextField(_("secret, encrypted"), editable=False)
    last_step = models.BigIntegerField(_("last step"), default=0, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    class Meta:
        verbose_name = _("app for codes")
        verbose_name_plural = _("apps for codes")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="code_apps_of_a_person_have_names")]


class SecurityKey(Factor):
    """A security key or a passkey (WebAuthn). `public_key`: its attested credential data; nothing of it is secret.

    `sign_count`: what it counted last; one that counts backwards is a copy. `passkey`: it holds who one is and asks for
    a finger or a PIN itself, so that it is good for signing in by itself.
    """

    kind = "security_key"

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="security_keys", verbose_name=_("person"))
    credential_id = models.BinaryField(_("credential"), unique=True, editable=False)
    public_key = models.BinaryField(_("public key"), editable=False)
    sign_count = models.BigIntegerField(_("count"), default=0, editable=False)
    passkey = models.BooleanField(_("passkey"), default=False)

    class Meta:
        verbose_name = _("security key")
        verbose_name_plural = _("security keys")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="keys_of_a_person_have_names")]


class RecoveryCode(models.Model):
    """One of ten codes for who has lost the rest. Only a keyed hash is kept; each is good once."""

    kind = "recovery_code"

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="recovery_codes", verbose_name=_("person"))
    code_hash = models.CharField(_("hash"), max_length=64)
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="a_recovery_code_is_there_once")]

    def __str__(self) -> str:
        return f"of {self.user_id}"


class UsedChallenge(models.Model):
    """A challenge that a key has answered: it is answered once. Kept until it would have expired."""

    digest = models.CharField(_("hash"), max_length=64, primary_key=True)
    used_at = models.DateTimeField(_("used at"), db_index=True)

    class Meta:
        verbose_name = _("used challenge")
        verbose_name_plural = _("used challenges")

    def __str__(self) -> str:
        return self.digest[:12]


class WrongTry(models.Model):
    """A code that was wrong, counted for an account from a network: whoever guesses locks out nobody else.

    `network`: a keyed hash of it; what counted is gone within a day.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    network = models.CharField(_("network"), max_length=32)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("wrong try")
        verbose_name_plural = _("wrong tries")
        indexes = [models.Index(fields=["user", "network", "at"], name="wrong_tries_by_network")]

    def __str__(self) -> str:
        return f"of {self.user_id}"


class FactorRecords(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> "FactorRecords":
        """For administrators and auditors."""
        return self if readers(actor) else self.none()


class FactorRule(models.Model):
    """Whether who has this role signs in with a second factor. One row for each role that was ever asked.

    `grace_until`: until then who has none is reminded at each sign-in, and led through setting one up from then on.
    """

    kind = "factor_rule"

    role = models.CharField(_("role"), max_length=20, choices=Role, unique=True)
    required = models.BooleanField(_("required"), default=False)
    grace_until = models.DateTimeField(_("reminded only until"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    awaits: Any = None  # the confirmation that it waits for, where weakening it was proposed just now

    objects = FactorRecords.as_manager()

    class Meta:
        verbose_name = _("rule for second factors")
        verbose_name_plural = _("rules for second factors")
        ordering = ("role",)

    def __str__(self) -> str:
        return str(self.get_role_display())

    @property
    def reference(self) -> str:
        return f"factors of {self.role}"

    def get_absolute_url(self) -> str:
        return "/settings/factors/"


class FactorReset(models.Model):
    """Somebody has lost what they show beside their password: all of it is taken away, by two people and after a while.

    Proposed, confirmed by another administrator, told to the person, who can stop it until `due_at`; then done.
    """

    kind = "factor_reset"

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="factor_resets", verbose_name=_("person"))
    reason = models.CharField(_("reason"), max_length=500)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    due_at = models.DateTimeField(_("due at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    awaits: Any = None

    objects = FactorRecords.as_manager()

    class Meta:
        verbose_name = _("reset of second factors")
        verbose_name_plural = _("resets of second factors")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(done_at=None, stopped_at=None), name="one_open_reset_of_a_person"
            ),
            models.CheckConstraint(condition=Q(done_at=None) | Q(stopped_at=None), name="a_reset_is_done_or_stopped"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"reset-{self.pk}"

    def get_absolute_url(self) -> str:
        return "/settings/factors/"


class BreakGlass(models.Model):
    """The sealed administrator: a local account for when no provider answers and no other administrator can come in.

    `sealed_at`: when its password was made last. `tested_at`: when it last signed in, in a drill or for real.
    """

    kind = "break_glass"

    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="+", verbose_name=_("account"))
    sealed_at = models.DateTimeField(_("sealed at"))
    tested_at = models.DateTimeField(_("tested at"), null=True)
    drill_until = models.DateTimeField(_("a drill until"), null=True)

    class Meta:
        verbose_name = _("break-glass account")
        verbose_name_plural = _("break-glass accounts")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"break-glass-{self.pk}"


class BreakGlassUse(models.Model):
    """One sign-in of it: everybody who keeps the desk is alarmed until another person says what it was for."""

    kind = "break_glass_use"

    account = models.ForeignKey(BreakGlass, models.PROTECT, related_name="uses", verbose_name=_("account"))
    at = models.DateTimeField(_("at"))
    place = models.CharField(_("from"), max_length=90)
    drill = models.BooleanField(_("a drill"), default=False)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)
    acknowledged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("acknowledged by")
    )
    reason = models.CharField(_("what it was for"), max_length=500, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = FactorRecords.as_manager()

    class Meta:
        verbose_name = _("use of break-glass")
        verbose_name_plural = _("uses of break-glass")
        ordering = ("-id",)
        indexes = [models.Index(fields=["id"], condition=Q(acknowledged_at=None), name="break_glass_not_acknowledged")]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | (Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(reason="")),
                name="a_use_is_acknowledged_with_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"use-{self.pk}"

    def get_absolute_url(self) -> str:
        return "/settings/factors/break-glass/"
