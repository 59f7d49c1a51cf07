"""Definitions of fields are rows; their values lie in each record's `attributes`, under keys that never change."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.fields.kinds import Choosable, Definition
from itsm.fields.vocabulary import KEY, RANGES, Required, Type

_key_shape = RegexValidator(KEY, _("Lower-case letters, digits and '_', at most 40, beginning with a letter."))


class FieldSet(models.Model):
    """The fields of one type of record (`owner`: incident, later ci:<class> and form:<slug>), and its parent's."""

    owner = models.CharField(_("owner"), max_length=80, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name = _("set of fields")
        verbose_name_plural = _("sets of fields")
        ordering = ("owner",)
        constraints = [models.CheckConstraint(condition=~Q(parent=models.F("id")), name="no_set_is_its_own_parent")]

    def __str__(self) -> str:
        return self.owner


class Field(models.Model):
    """A field that an administrator added. `personal`: it says something of the person whose record it is: it goes when
    they are erased, and stands in no CSV file. `rules` and `default` fit its type; see `kinds` and `rules`."""

    kind = "field"
    untold = ("purging_at",)

    set = models.ForeignKey(FieldSet, models.PROTECT, related_name="fields")
    key = models.CharField(_("key"), max_length=40, validators=[_key_shape], editable=False)
    type = models.CharField(_("type"), max_length=10, choices=Type)
    label = models.CharField(_("label"), max_length=80)
    help = models.CharField(_("help"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    section = models.CharField(_("section"), max_length=60, blank=True)
    required = models.CharField(_("required"), max_length=10, choices=Required, default=Required.NEVER)
    recommended = models.BooleanField(_("recommended"), default=False)
    requester_sees = models.BooleanField(_("requesters see it"), default=False)
    requester_fills = models.BooleanField(_("requesters fill it in"), default=False)
    personal = models.BooleanField(_("personal"), default=False)
    filterable = models.BooleanField(_("lists filter by it"), default=True)
    default = models.JSONField(_("default"), null=True, blank=True)
    rules = models.JSONField(_("rules"), default=dict, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    purging_at = models.DateTimeField(_("purge began at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("field")
        verbose_name_plural = _("fields")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["set", "key"], name="one_field_of_a_key"),
            models.CheckConstraint(condition=Q(key__regex=KEY.replace(r"\Z", "$")), name="field_key_has_its_shape"),
            models.CheckConstraint(condition=Q(type__in=Type.values), name="field_type_is_known"),
            models.CheckConstraint(condition=Q(required__in=Required.values), name="field_required_is_known"),
            models.CheckConstraint(
                condition=Q(requester_sees=True) | Q(requester_fills=False), name="who_fills_a_field_sees_it"
            ),
            models.CheckConstraint(
                condition=Q(purging_at=None) | Q(retired_at__isnull=False), name="only_retired_fields_are_purged"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def reference(self) -> str:
        return f"{self.set.owner}.{self.key}"

    @property
    def is_mirrored(self) -> bool:
        """Its values stand in the side table too, since lists ask for ranges of them."""
        return self.filterable and self.type in RANGES

    def get_absolute_url(self) -> str:
        return f"/fields/{self.pk}/"

    def defined(self) -> Definition:
        """The field as values are held to it; with its options, which the caller has read together."""
        options = tuple(Choosable(one.key, one.label, one.retired_at is not None) for one in self.options.all())
        return Definition(self.key, self.type, self.label, self.rules, options)


class Narrowing(models.Model):
    """What a set below makes tighter of a field that it inherits; what is left out stays as it is inherited.

    `options`: keys of those that may still be chosen; null means all. Reading takes the tighter of both, so that an
    edit above never makes a set below looser.
    """

    set = models.ForeignKey(FieldSet, models.PROTECT, related_name="narrowings")
    field = models.ForeignKey(Field, models.CASCADE, related_name="narrowings")
    required = models.CharField(_("required"), max_length=10, choices=Required, default=Required.NEVER)
    recommended = models.BooleanField(_("recommended"), default=False)
    rules = models.JSONField(_("rules"), default=dict, blank=True)
    options = ArrayField(models.CharField(max_length=40), null=True, blank=True, verbose_name=_("options"))
    since = models.DateTimeField(_("since"), auto_now=True)

    class Meta:
        verbose_name = _("narrowing of a field")
        verbose_name_plural = _("narrowings of fields")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["set", "field"], name="one_narrowing_of_a_field_in_a_set"),
            models.CheckConstraint(condition=Q(required__in=Required.values), name="narrowing_required_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.field_id} in {self.set_id}"


class Option(models.Model):
    """One of the values to choose from. The label changes freely, the key never."""

    field = models.ForeignKey(Field, models.CASCADE, related_name="options")
    key = models.CharField(_("key"), max_length=40, validators=[_key_shape])
    label = models.CharField(_("label"), max_length=120)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ("position", "id")
        constraints = [models.UniqueConstraint(fields=["field", "key"], name="one_option_of_a_key")]

    def __str__(self) -> str:
        return self.label


class FieldValue(models.Model):
    """Numbers and times of filterable fields again, where a range is found by index; written with the record."""

    field = models.ForeignKey(Field, models.CASCADE, related_name="+", db_index=False)
    record_id = models.BigIntegerField()
    number = models.DecimalField(max_digits=22, decimal_places=6, null=True)
    instant = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("value of a field")
        verbose_name_plural = _("values of fields")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["field", "record_id"], name="one_value_of_a_field"),
            models.CheckConstraint(
                condition=Q(number=None, instant__isnull=False) | Q(number__isnull=False, instant=None),
                name="value_is_a_number_or_an_instant",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["field", "number", "record_id"], name="fields_by_number"),
            models.Index(fields=["field", "instant", "record_id"], name="fields_by_instant"),
        ]

    def __str__(self) -> str:
        return f"{self.field_id} of {self.record_id}"
