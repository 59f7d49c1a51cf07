"""Who says things about items, and whose word goes first."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.reconciliation.vocabulary import EVERY_KEY, Format
from itsm.slugs import slug_shape


class Source(models.Model):
    """`rank`: the lower, the sooner believed. `silent_after`: unseen for longer its records yield to all others."""

    kind = "source"

    slug = models.CharField(_("key"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=100)
    format = models.CharField(_("format"), max_length=12, choices=Format)
    rank = models.PositiveSmallIntegerField(_("rank"))
    silent_after = models.DurationField(_("silent after"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("source of items")
        verbose_name_plural = _("sources of items")
        ordering = ("rank", "slug")
        constraints = [
            models.CheckConstraint(condition=models.Q(format__in=Format.values), name="format_of_a_source_is_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug


class Precedence(models.Model):
    """For a class and what inherits from it, one source has another rank: for one key, or for every one (*)."""

    kind = "precedence"

    ci_class = models.ForeignKey("catalog.CIClass", models.PROTECT, related_name="+", verbose_name=_("class"))
    key = models.CharField(_("key"), max_length=80, default=EVERY_KEY)
    source = models.ForeignKey(Source, models.PROTECT, related_name="rules", verbose_name=_("source"))
    rank = models.PositiveSmallIntegerField(_("rank"))
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("rule of precedence")
        verbose_name_plural = _("rules of precedence")
        ordering = ("ci_class", "key", "rank")
        constraints = [
            models.UniqueConstraint(
                fields=["ci_class", "key", "source"], name="one_rank_of_a_source_for_a_class_and_a_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ci_class_id} {self.key} {self.source_id}"

    @property
    def reference(self) -> str:
        return str(self.pk)


class Mapping(models.Model):
    """How the columns of a source's tables are read, kept for the next one. `columns`: column -> what it means."""

    kind = "mapping"

    source = models.OneToOneField(Source, models.CASCADE, related_name="mapping")
    columns = models.JSONField(_("columns"), default=dict)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("mapping of columns")
        verbose_name_plural = _("mappings of columns")
        ordering = ("source",)

    def __str__(self) -> str:
        return str(self.source_id)

    @property
    def reference(self) -> str:
        return str(self.pk)
