"""Classes of configuration items: a tree, each with typed fields of its own and those that it inherits."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.vocabulary import MAX_CLASS_DEPTH, fields_owner
from itsm.audit.triggers import Guard

_SLUG = r"^[a-z][a-z0-9_]{0,39}\Z"
slug_shape = RegexValidator(_SLUG, _("Lower-case letters, digits and '_', at most 40, beginning with a letter."))

# Whoever adds a class below shares its parent, so that nobody moves or deletes it meanwhile.
_LINEAGE = Guard(
    name="lineage",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "lineage", "slug", "built_in", "field_set_id"),
    declare=[("above", "bigint[] := '{}'")],
    func="""
    IF TG_OP = 'UPDATE' THEN
      IF (OLD.parent_id, OLD.lineage, OLD.slug, OLD.built_in, OLD.field_set_id)
          IS DISTINCT FROM (NEW.parent_id, NEW.lineage, NEW.slug, NEW.built_in, NEW.field_set_id) THEN
        RAISE EXCEPTION 'a class stays where it is' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END IF;
    IF NEW.parent_id IS NOT NULL THEN
      SELECT lineage INTO above FROM catalog_ciclass WHERE id = NEW.parent_id FOR SHARE;
    END IF;
    NEW.lineage := above || NEW.id;
    RETURN NEW;
    """,
)


def shown_name(name: str, built_in: bool) -> str:
    """A class as people read it: a built-in one in their language, one of their own as they wrote it."""
    return _now(name) if built_in else name


class CIClass(models.Model):
    """What kind of thing an item is. `lineage`: ids from the root to itself, written by the database.

    `schemes`: by which identifiers two records are one item, the strongest first; null inherits. `fresh_for`: so long
    an item of it may go unseen; null inherits. An abstract class only passes on what it has.
    """

    kind = "ci_class"

    slug = models.CharField(_("key"), max_length=40, unique=True, validators=[slug_shape])
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    lineage = ArrayField(models.BigIntegerField(), default=list, editable=False)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=300, blank=True)
    icon = models.CharField(_("icon"), max_length=40, blank=True)
    abstract = models.BooleanField(_("only for what it passes on"), default=False)
    built_in = models.BooleanField(_("built in"), default=False, editable=False)
    field_set = models.OneToOneField("fields.FieldSet", models.PROTECT, related_name="+", editable=False)
    schemes = ArrayField(models.CharField(max_length=80), null=True, blank=True)
    fresh_for = models.DurationField(_("fresh for"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering = ("slug",)
        indexes = [GinIndex(fields=["lineage"], name="ci_class_lineage")]
        triggers = [_LINEAGE]
        constraints = [
            models.CheckConstraint(condition=Q(slug__regex=_SLUG.replace(r"\Z", "$")), name="ci_class_key_has_shape"),
            models.CheckConstraint(
                condition=Q(lineage__len__lte=MAX_CLASS_DEPTH), name="ci_class_tree_is_at_most_six_deep"
            ),
        ]

    def __str__(self) -> str:
        return shown_name(self.name, self.built_in)

    @property
    def reference(self) -> str:
        return self.slug

    @property
    def owner(self) -> str:
        """The owner of its typed fields."""
        return fields_owner(self.slug)

    def get_absolute_url(self) -> str:
        return f"/cis/classes/{self.slug}/"
