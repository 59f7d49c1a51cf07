"""What people show beside their password: codes and keys, and what is good once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_OF_A_KIND = 10
RECOVERY_CODES = 10
FEW_CODES = 3


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
