"""A page and its components: what the public may know the names of."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.alike import ReadAlike
from itsm.slugs import slug_shape
from itsm.statuspage.vocabulary import Visibility

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_code() -> str:
    """Twelve characters that say nothing: how many incidents there were is nobody's to count."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


class StatusPage(models.Model):
    """What one public reads. `zone`: whose days its history counts.

    `key_hash`: SHA-256 of what opens it, where it is for who holds its key; the key itself is shown once.
    """

    kind = "status_page"
    untold = ("key_hash",)

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=80)
    about = models.CharField(_("what it is about"), max_length=400, blank=True)
    visibility = models.CharField(_("who reads it"), max_length=10, choices=Visibility, default=Visibility.PUBLIC)
    key_hash = models.CharField(_("hash of its key"), max_length=64, blank=True, editable=False)
    zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    retired_at = models.DateTimeField(_("taken off at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("status page")
        verbose_name_plural = _("status pages")
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="a_status_page_has_a_name"),
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="status_visibility_is_known"),
            models.CheckConstraint(
                condition=Q(visibility="key") & ~Q(key_hash="") | ~Q(visibility="key") & Q(key_hash=""),
                name="a_page_by_key_has_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.PUBLIC and self.retired_at is None

    def get_absolute_url(self) -> str:
        return f"/status-pages/{self.slug}/"


class Component(models.Model):
    """One line of a page. `service` and `objective` are where its history is measured; the public reads neither."""

    kind = "status_component"

    page = models.ForeignKey(StatusPage, models.PROTECT, related_name="components", verbose_name=_("page"))
    code = models.CharField(_("public id"), max_length=12, unique=True, default=new_code, editable=False)
    name = models.CharField(_("name"), max_length=80)
    name_key = ReadAlike(of="name")
    about = models.CharField(_("what it is"), max_length=200, blank=True)
    group = models.CharField(_("group"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    service = models.ForeignKey(
        "catalog.Service", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    objective = models.CharField(_("objective"), max_length=63, blank=True)
    created_at = models.DateTimeField(_("since"))
    retired_at = models.DateTimeField(_("taken off at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("component of a status page")
        verbose_name_plural = _("components of status pages")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="a_component_has_a_name"),
            models.UniqueConstraint(
                fields=["page", "name_key"], condition=Q(retired_at=None), name="a_component_name_once_on_a_page"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return f"component-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"/status-pages/{self.page.slug}/components/{self.pk}/"
