"""Data sources: other people's monitoring systems that indicators are pulled from.

A source names its credential; the secret itself lies in a file or the environment and never comes
here (`itsm.notifications.credentials`).
"""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.kernel.actors import Actor
from itsm.slugs import slug_shape
from slo.measuring import permissions

if TYPE_CHECKING:
    from itsm.approvals.models import Confirmation


class DataSourceQuerySet(models.QuerySet["DataSource"]):
    def visible_to(self, actor: Actor) -> Self:
        return self if permissions.readers(actor) else self.none()


class DataSource(models.Model):
    """One Prometheus (or what speaks its API: Thanos, Mimir, VictoriaMetrics) and how it was lately."""

    kind = "data_source"

    class Auth(models.TextChoices):
        NONE = "none", _("no sign-in")
        BEARER = "bearer", _("bearer token")
        BASIC = "basic", _("user name and password")
        MTLS = "mtls", _("client certificate")

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    url = models.CharField(_("address"), max_length=300)
    auth = models.CharField(_("sign-in"), max_length=10, choices=Auth, default=Auth.NONE)
    credential = models.CharField(_("credential"), max_length=63, blank=True, validators=[slug_shape])
    username = models.CharField(_("user name"), max_length=120, blank=True)
    # Which private authority signed its certificate: the name of a file in HEADROOM_SECRETS_DIR, without its ".ca".
    authority = models.CharField(_("private authority"), max_length=63, blank=True, validators=[slug_shape])
    tenant_header = models.CharField(_("tenant header"), max_length=60, blank=True)
    tenant = models.CharField(_("tenant"), max_length=200, blank=True)
    # Newest minutes that are still being filled there, and are therefore not asked for yet.
    lag_minutes = models.PositiveSmallIntegerField(_("lag (minutes)"), default=0)
    last_ok_at = models.DateTimeField(_("last good answer"), null=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = DataSourceQuerySet.as_manager()

    # What a second person must confirm first: filled by operations, not stored.
    awaits: "Confirmation | None" = None

    class Meta:
        verbose_name = _("data source")
        verbose_name_plural = _("data sources")
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(
                name="a_sign_in_names_its_credential",
                condition=Q(auth="none", credential="") | (~Q(auth="none") & ~Q(credential="")),
            ),
            models.CheckConstraint(
                name="a_tenant_has_its_header",
                condition=Q(tenant_header="", tenant="") | (~Q(tenant_header="") & ~Q(tenant="")),
            ),
            models.CheckConstraint(name="a_source_lags_at_most_an_hour", condition=Q(lag_minutes__lte=60)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug
