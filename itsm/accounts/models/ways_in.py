"""What opens the door: sessions of browsers, tokens of programs, and how often somebody asked for a new password."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models.people import User


class AddressClass(models.TextChoices):
    """From where, as far as it is kept: no address of anybody lies here for long."""

    THIS_MACHINE = "this_machine", _("this machine")
    PRIVATE = "private", _("a private network")
    INTERNET = "internet", _("the internet")


class Session(models.Model):
    """A browser that is signed in. Only a hash of its key is kept: who reads this table opens nothing.

    `data` is Django's signed session; `user` is None before somebody has signed in.
    """

    kind = "session"

    key_hash = models.CharField(_("hash of its key"), max_length=64, primary_key=True)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="sessions", verbose_name=_("person")
    )
    data = models.TextField(_("data"))
    device = models.CharField(_("device"), max_length=200, blank=True)
    address_class = models.CharField(_("from"), max_length=12, choices=AddressClass, blank=True)
    by = models.CharField(_("signed in by"), max_length=80, blank=True)  # see `itsm.accounts.signing_in`
    strong = models.BooleanField(_("with several factors"), default=False)
    created_at = models.DateTimeField(_("began"), auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last seen"))
    expires_at = models.DateTimeField(_("expires at"), db_index=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("-last_seen_at",)

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """A handle for pages: part of the hash, from which nobody finds the key."""
        return self.key_hash[:16]


class KnownPlace(models.Model):
    """A kind of browser in a kind of network from which somebody has signed in; another one is told them by mail.

    No address and no version of a browser is kept: `device` is "Firefox on Linux".
    """

    kind = "known_place"

    user = models.ForeignKey(User, models.CASCADE, related_name="known_places", verbose_name=_("person"))
    device = models.CharField(_("device"), max_length=60)
    address_class = models.CharField(_("from"), max_length=12, choices=AddressClass, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("known place")
        verbose_name_plural = _("known places")
        constraints = [
            models.UniqueConstraint(fields=["user", "device", "address_class"], name="a_place_is_known_once")
        ]

    def __str__(self) -> str:
        return self.device


class Token(models.Model):
    """A way in for programs: `hr_<prefix>.<secret>`. Only a keyed hash of the secret is kept."""

    kind = "token"

    prefix = models.CharField(_("id"), max_length=16, unique=True)
    secret_hash = models.CharField(_("hash"), max_length=64)
    owner = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=100)
    # null: no narrowing, the owner's rights; an empty list would be a token that may do nothing.
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    last_used_from = models.CharField(_("last used from"), max_length=12, choices=AddressClass, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="token_expires_after_birth")
        ]

    def __str__(self) -> str:
        return f"{self.name} (hr_{self.prefix})"

    @property
    def reference(self) -> str:
        return f"hr_{self.prefix}"


class ResetRequest(models.Model):
    """Somebody asked for a link to choose a new password; counted by address, so that nobody asks without end."""

    asked_from = models.CharField(_("address"), max_length=45)
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        verbose_name = _("request for a new password")
        verbose_name_plural = _("requests for a new password")
        indexes = [models.Index(fields=["asked_from", "asked_at"], name="reset_requests_by_address")]

    def __str__(self) -> str:
        return f"from {self.asked_from}"
