"""Roles that the desk makes itself, beside the built-in ones."""

from typing import Any, Self
from urllib.parse import quote

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.ownership import OWN_ROLES_STAY
from itsm.alike import ReadAlike


class OwnRoleQuerySet(models.QuerySet["OwnRole"]):
    def standing(self) -> Self:
        """Those that give something."""
        return self.filter(retired_at=None)


class OwnRole(models.Model):
    """Named rights under one name (`itsm.accounts.named_rights`), those that they include among them.

    Accounts hold it by its slug, which it keeps. A retired one gives nothing, and stays retired.
    """

    kind = "own_role"

    slug = models.SlugField(_("slug"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_key = ReadAlike(of="name")  # people and pages call it by its name
    description = models.TextField(_("description"), max_length=2000, blank=True)
    rights = ArrayField(models.CharField(max_length=63), verbose_name=_("rights"), default=list, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    awaits: Any = None  # the confirmation that more rights wait for, where they were just proposed
    objects = OwnRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("own role")
        verbose_name_plural = _("own roles")
        ordering = ("name", "slug")
        triggers = [OWN_ROLES_STAY]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="an_own_role_has_a_name"),
            models.UniqueConstraint(
                fields=["name_key"], condition=Q(retired_at=None), name="a_standing_own_role_is_one_of_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def get_absolute_url(self) -> str:
        return f"/settings/roles/{quote(self.slug)}/"
