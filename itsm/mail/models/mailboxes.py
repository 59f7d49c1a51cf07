"""Mailboxes: where people write to a team, and whom its mail comes from.

A mailbox names its credential; the secret itself lies in a file or the environment and never comes here
(`itsm.notifications.credentials`).
"""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from itsm.accounts.permissions import colleagues
from itsm.kernel.actors import Actor
from itsm.slugs import slug_shape


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def visible_to(self, actor: Actor) -> Self:
        """Everybody who works here sees how mail comes in; how it is connected is for administrators."""
        return self if colleagues(actor) else self.none()


class Mailbox(models.Model):
    """One address of a team. Without a `host` nothing is fetched: its mail comes through the door for programs.

    `is_open`: people whom nobody knows may write to it. `is_default`: what belongs to no other mailbox leaves from it.
    `uidvalidity`, `last_uid`: how far it was read. `token_expires_at`: when what it signs in with ends, where known.
    """

    kind = "mailbox"

    class Auth(models.TextChoices):
        PASSWORD = "password", _("password")
        XOAUTH2 = "xoauth2", _("OAuth 2 (Microsoft 365, Google)")

    class Security(models.TextChoices):
        TLS = "tls", _("TLS from the first byte")
        STARTTLS = "starttls", _("STARTTLS")

    class Status(models.TextChoices):
        ON = "on", _("on")
        PAUSED = "paused", _("paused")

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    address = models.EmailField(_("address"), max_length=254)
    aliases = ArrayField(models.EmailField(max_length=254), default=list, blank=True, verbose_name=_("aliases"))
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", verbose_name=_("team"))
    from_name = models.CharField(_("name of the sender"), max_length=120, blank=True)
    signature = models.TextField(_("signature"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    is_open = models.BooleanField(_("open to people whom nobody knows"), default=False)
    is_default = models.BooleanField(_("what belongs to no other mailbox leaves from here"), default=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, editable=False)
    # How it is reached.
    host = models.CharField(_("IMAP server"), max_length=253, blank=True)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(_("encryption"), max_length=8, choices=Security, default=Security.TLS)
    username = models.CharField(_("user name"), max_length=254, blank=True)
    folder = models.CharField(_("folder"), max_length=120, default="INBOX")
    auth = models.CharField(_("sign-in"), max_length=8, choices=Auth, default=Auth.PASSWORD)
    credential = models.CharField(_("credential"), max_length=63, blank=True, validators=[slug_shape])
    authority = models.CharField(_("private authority"), max_length=63, blank=True, validators=[slug_shape])
    token_url = models.CharField(_("token address"), max_length=300, blank=True)
    authorize_url = models.CharField(_("sign-in address"), max_length=300, blank=True)
    client_id = models.CharField(_("client id"), max_length=200, blank=True)
    scope = models.CharField(_("scope"), max_length=300, blank=True)
    # How it was lately.
    uidvalidity = models.BigIntegerField(_("UIDVALIDITY"), null=True, editable=False)
    last_uid = models.BigIntegerField(_("last UID"), default=0, editable=False)
    connected_at = models.DateTimeField(_("connected at"), null=True, editable=False)
    read_at = models.DateTimeField(_("last read"), null=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    token_expires_at = models.DateTimeField(_("sign-in ends"), null=True, blank=True)
    token_used_at = models.DateTimeField(_("refresh token used"), null=True, editable=False)
    # What its keepers were told of and still holds: see `alarms`.
    warned = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("warned of"), editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ("slug",)
        indexes = [GinIndex(fields=["aliases"], name="mailbox_by_alias")]
        constraints = [
            models.UniqueConstraint(Lower("address"), name="one_mailbox_for_each_address"),
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_mailbox"),
            models.CheckConstraint(condition=Q(port__range=(1, 65535)), name="a_mailbox_has_a_port"),
            models.CheckConstraint(condition=Q(last_uid__gte=0), name="a_mailbox_was_read_so_far"),
            models.CheckConstraint(
                condition=Q(host="") | ~Q(credential=""), name="a_mailbox_that_is_fetched_names_its_credential"
            ),
            models.CheckConstraint(
                condition=~Q(auth="xoauth2") | Q(host="") | (~Q(token_url="") & ~Q(client_id="")),
                name="oauth_says_where_and_as_whom",
            ),
            models.CheckConstraint(condition=Q(security__in=("tls", "starttls")), name="a_mailbox_is_read_over_tls"),
            models.CheckConstraint(
                condition=Q(address=Lower(F("address"))), name="addresses_of_mailboxes_have_small_letters"
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def reference(self) -> str:
        return self.slug

    @property
    def is_fetched(self) -> bool:
        """Whether it is read at all: connected, and not paused."""
        return bool(self.host) and self.paused_at is None

    @property
    def status(self) -> str:
        """Read, or not until somebody resumes."""
        return self.Status.ON if self.paused_at is None else self.Status.PAUSED

    @property
    def login(self) -> str:
        """As whom it signs in."""
        return self.username or self.address

    @property
    def addresses(self) -> list[str]:
        """Its own first."""
        return [self.address, *self.aliases]

    def get_absolute_url(self) -> str:
        return f"/mail/mailboxes/{self.slug}/"
