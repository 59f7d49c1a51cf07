"""Gateways by which text messages and calls leave: any that takes HTTP."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.alike import ReadAlike
from itsm.paging.vocabulary import PHONE_CHOICES, Channel


def new_token() -> str:
    return secrets.token_urlsafe(24)


class PagingProvider(models.Model):
    """A gateway: how it is asked, how its answer is read, and how it calls back.

    `template`: the body, in which {to} {text} {id} are filled in as JSON strings or form values. `ok_pointer`: a JSON
    pointer into the answer whose value must be `ok_value` (empty: any 2xx will do); `id_pointer`: where its own number
    stands. `reports`: it says what became of a message, at an address with `token`; without a report in forty seconds
    the next provider is asked. `open_until`: its breaker is open, it is passed over until then.
    """

    kind = "paging_provider"

    class Body(models.TextChoices):
        JSON = "json", _("JSON")
        FORM = "form", _("Form")

    class Auth(models.TextChoices):
        NONE = "none", _("None")
        BEARER = "bearer", _("Bearer token")
        BASIC = "basic", _("User name and password")

    name = models.CharField(_("name"), max_length=80, unique=True)
    name_key = ReadAlike(of="name", unique=True)
    channel = models.CharField(_("channel"), max_length=5, choices=PHONE_CHOICES)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    url = models.CharField(_("address"), max_length=500)
    body = models.CharField(_("body"), max_length=4, choices=Body, default=Body.JSON)
    template = models.TextField(_("template"), max_length=4000)
    auth = models.CharField(_("signs in by"), max_length=6, choices=Auth, default=Auth.NONE)
    username = models.CharField(_("user name"), max_length=120, blank=True)
    credential = models.CharField(_("credential"), max_length=63, blank=True)
    ok_pointer = models.CharField(_("where the answer says so"), max_length=120, blank=True)
    ok_value = models.CharField(_("what it says then"), max_length=120, blank=True)
    id_pointer = models.CharField(_("where its number stands"), max_length=120, blank=True)
    reports = models.BooleanField(_("reports what became of it"), default=False)
    token = models.CharField(max_length=64, default=new_token, unique=True, editable=False)
    off_at = models.DateTimeField(_("off since"), null=True, blank=True, editable=False)
    open_until = models.DateTimeField(_("passed over until"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    untold = ("token", "open_until")

    class Meta:
        verbose_name = _("paging provider")
        verbose_name_plural = _("paging providers")
        ordering = ("channel", "position", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=[Channel.SMS, Channel.VOICE]), name="a_provider_reaches_phones"
            ),
            models.CheckConstraint(
                condition=Q(auth="none") | ~Q(credential=""), name="who_signs_in_names_a_credential"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/settings/paging/{self.pk}/"
