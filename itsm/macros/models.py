"""Macros: several things that are done to a record at once. Templates: what a new record begins with."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.slugs import slug_shape

MAX_ACTIONS = 8
MAX_TASKS = 30


class Macro(models.Model):
    """Up to eight actions with a name. `queues`: ids of the teams in whose queues it is offered; none: in all.

    It belongs to a person, to a team (its leads keep it), or to everyone (administrators keep it). Whoever applies it
    does so in their own name: it gives nobody a right.
    """

    kind = "macro"

    class Share(models.TextChoices):
        PERSON = "person", _("only me")
        TEAM = "team", _("a team")
        EVERYONE = "everyone", _("everyone who works here")

    record_kind = models.CharField(_("record kind"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), max_length=63, validators=[slug_shape])
    share = models.CharField(_("whose it is"), max_length=10, choices=Share)
    owner = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    active = models.BooleanField(_("is offered"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    queues = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("offered in"))
    actions: "models.JSONField[Any, Any]" = models.JSONField(_("actions"), default=list)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        ordering = ("position", "name", "id")
        constraints = [
            models.UniqueConstraint(fields=["record_kind", "slug"], name="one_macro_of_a_slug"),
            models.CheckConstraint(
                condition=Q(share="person", owner__isnull=False, team=None)
                | Q(share="team", owner=None, team__isnull=False)
                | Q(share="everyone", owner=None, team=None),
                name="a_macro_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/macros/{self.slug}/"


class Template(models.Model):
    """What a new record begins with: `values` by the names of its fields in REST, and `tasks` ({title, mandatory}).

    One of a team is kept by its leads and offered to who sees its queue; others are for everybody, kept by
    administrators.
    """

    kind = "template"

    record_kind = models.CharField(_("record kind"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), max_length=63, validators=[slug_shape])
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    active = models.BooleanField(_("is offered"), default=True)
    # The path of a category: who chooses it for a new record begins with this template.
    category = models.CharField(_("offered with the category"), max_length=250, blank=True)
    values: "models.JSONField[Any, Any]" = models.JSONField(_("values"), default=dict)
    tasks: "models.JSONField[Any, Any]" = models.JSONField(_("tasks"), default=list)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["record_kind", "slug"], name="one_template_of_a_slug"),
            models.UniqueConstraint(
                fields=["record_kind", "category"], condition=~Q(category=""), name="one_template_of_a_category"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/macros/templates/{self.slug}/"
