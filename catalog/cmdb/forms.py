"""Shapes of what people type about items, relations and classes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models import CI, CIClass, RelationType
from catalog.cmdb.models.classes import slug_shape
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.operations import Origin
from catalog.cmdb.queries.items import visible_items
from catalog.cmdb.vocabulary import Strength
from catalog.environments.forms import EnvironmentField
from catalog.environments.queries import choices as environments
from itsm.accounts.models import Team
from itsm.fields.forms import PREFIX as TYPED
from itsm.fields.forms import add_inputs, typed_in
from itsm.fields.queries import live
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in

# What the item of a service leaves to its service.
OF_THE_SERVICE = ("name", "team", "support_team", "description", "confidential")
_PLAIN = ("name", "environment", "team", "support_team", "description", "confidential")


class WithOrigin(Form):
    """`origin` is what an operation takes: the change that covers the edit, and why."""

    change = forms.CharField(
        label=_("Change"), max_length=20, required=False,
        help_text=_("Such as CHG-00042: that covers this edit. Empty: the one that runs, if any."),
    )  # fmt: skip
    why = forms.CharField(label=_("Why"), max_length=500, required=False)

    @property
    def origin(self) -> Origin:
        return Origin(change=self.cleaned_data["change"].strip().upper(), why=self.cleaned_data["why"])


class ItemForm(WithOrigin):
    """An item of a class, with the inputs of its class's fields. Of a service's item only what is the item's own."""

    name = forms.CharField(label=_("Name"), max_length=200)
    environment = EnvironmentField(required=False, initial="")
    team = forms.ModelChoiceField(
        label=_("Owner team"), queryset=Team.objects.all(), required=False, empty_label=_("nobody yet")
    )
    support_team = forms.ModelChoiceField(
        label=_("Support team"), queryset=Team.objects.all(), required=False,
        empty_label=pgettext_lazy("support", "the owner team"), help_text=_("Called first when it fails."),
    )  # fmt: skip
    description = forms.CharField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    confidential = forms.BooleanField(
        label=_("Confidential: only its team, change managers and auditors see it"), required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = (*_PLAIN,)

    def __init__(self, actor: Actor, ci_class: CIClass, *args: Any, item: CI | None = None, **kwargs: Any) -> None:
        if item is not None:
            kwargs["initial"] = {**{name: getattr(item, name) for name in _PLAIN}, "version": item.version}
        super().__init__(*args, **kwargs)
        self.item = item
        for name in ("team", "support_team"):
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
            choice.queryset = Team.objects.filter(Q(retired_at=None) | Q(pk=getattr(item, f"{name}_id", None)))
        self.fields["environment"].widget = forms.Select(choices=[("", _("none")), *environments()])
        if item is not None and getattr(item, "service_slug", None):
            for name in OF_THE_SERVICE:
                del self.fields[name]
        add_inputs(self, live(ci_class.owner, actor), actor=actor, attributes=item.attributes if item else None)

    @property
    def typed(self) -> list[forms.BoundField]:
        """The inputs of the class's fields."""
        return [self[name] for name in self.fields if name.startswith(TYPED)]

    def said(self) -> dict[str, Any]:
        """As the operations take it; of an item only what was touched."""
        touched = self.item is not None
        plain = {name: self.cleaned_data[name] for name in _PLAIN if name in self.cleaned_data}
        if touched:
            plain = {name: value for name, value in plain.items() if value != getattr(self.item, name)}
        return {**plain, "attributes": typed_in(self, only_touched=touched), "origin": self.origin}


class RelateForm(WithOrigin):
    """This item and another one. `type` is a key with a direction, as it reads from this item."""

    type = forms.ChoiceField(label=_("This item"))
    other = forms.CharField(
        label=_("Which item"), max_length=200, help_text=_("Its reference, such as CI-00042, or its whole name.")
    )
    strength = forms.ChoiceField(
        label=_("A failure is felt"), required=False,
        choices=[
            ("", _("as is usual for this type")), (Strength.HARD, _("wholly")), (Strength.SOFT, _("a degree less")),
        ],
    )  # fmt: skip
    group = forms.CharField(
        label=_("Group"), max_length=63, required=False,
        help_text=_("Of a group some are enough. Empty: the usual one of this type, if any."),
    )  # fmt: skip
    field_order = ("type", "other", "strength", "group")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.types = {one.slug: one for one in RelationType.objects.filter(retired_at=None)}
        choice = self.fields["type"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 -- for the type checker
        readings = [(str(one), f"{one.slug} out") for one in self.types.values()]
        readings += [(one.backwards, f"{one.slug} in") for one in self.types.values()]
        choice.choices = [(value, words) for words, value in sorted(readings)]

    def clean_other(self) -> CI:
        said = self.cleaned_data["other"].strip()
        found: list[CI] = list(_called(self.actor, said)[:6])
        if not found:
            raise ValidationError(gettext("There is no such item."))
        if len(found) > 1:
            several = ", ".join(one.reference for one in found[:5])
            raise ValidationError(gettext("Several are called so: %(several)s.") % {"several": several})
        return found[0]

    def ends(self, item: CI) -> tuple[CI, CI, RelationType]:
        """Source, target and type, as the operation takes them."""
        slug, _blank, way = self.cleaned_data["type"].partition(" ")
        other = self.cleaned_data["other"]
        return (item, other, self.types[slug]) if way == "out" else (other, item, self.types[slug])


def _called(actor: Actor, said: str) -> Any:
    rows, number = visible_items(actor).select_related("ci_class"), number_in(said, PREFIX)
    return rows.filter(pk=number) if number is not None else rows.filter(name__iexact=said).order_by("pk")


class EndForm(WithOrigin):
    version = forms.IntegerField(widget=forms.HiddenInput)


class GroupForm(WithOrigin):
    """How many of a group are enough: a number or a share, one of the two."""

    needs = forms.IntegerField(
        label=_("So many are enough"), min_value=1, max_value=10_000, required=False,
        help_text=_("With fewer the item that rests on them is down."),
    )  # fmt: skip
    needs_share = forms.IntegerField(
        label=_("Or such a share of them, in per cent"), min_value=1, max_value=100, required=False
    )
    whole_below = forms.IntegerField(
        label=_("Degraded with fewer than"), min_value=1, max_value=10_000, required=False,
        help_text=_("Empty: as soon as one of them fails."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("needs", "needs_share", "whole_below")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and (said.get("needs") is None) == (said.get("needs_share") is None):
            raise ValidationError(gettext("Say either how many are needed, or which share."))
        return said

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        return {name: self.cleaned_data[name] for name in ("needs", "needs_share", "whole_below")}


class ExplainForm(Form):
    """A change, or the words of another person."""

    change = forms.CharField(label=_("Change"), max_length=20, required=False)
    explanation = forms.CharField(label=_("Or why"), max_length=500, required=False)


class ClearForm(Form):
    """How somebody knows that what a monitor found is over."""

    why = forms.CharField(label=_("How do you know?"), max_length=500)


class IdentifiersForm(WithOrigin):
    """One a line: scheme = value."""

    identifiers = forms.CharField(
        label=_("Identifiers"), required=False, max_length=30_000,
        help_text=_("One a line, such as serial+vendor = 4711 | dell."),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("identifiers",)

    def clean_identifiers(self) -> Sequence[tuple[str, str]]:
        found = []
        for line in self.cleaned_data["identifiers"].splitlines():
            scheme, has_value, value = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not has_value or not scheme or not value:
                raise ValidationError(gettext("Write it as scheme = value: %(line)s.") % {"line": line[:60]})
            found.append((scheme, value))
        return found


class ClassForm(Form):
    """What an administrator says of a class. Its key and place never change."""

    name = forms.CharField(label=_("Name"), max_length=80)
    slug = forms.CharField(
        label=_("Key"), max_length=40, validators=[slug_shape], help_text=_("REST and imports name it so for good.")
    )
    parent = forms.ModelChoiceField(
        label=_("Inherits from"), queryset=CIClass.objects.filter(retired_at=None), required=False,
        empty_label=_("nothing"), help_text=_("It has the fields of that class as well, and adds its own."),
    )  # fmt: skip
    description = forms.CharField(label=_("Description"), max_length=300, required=False)
    abstract = forms.BooleanField(label=_("Only passes on what it has: no items of its own"), required=False)
    schemes = forms.CharField(
        label=_("Told apart by"), max_length=1000, required=False,
        help_text=_("Identifiers, the strongest first, parted by blanks: serial+vendor fqdn. Empty: inherited."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, ci_class: CIClass | None = None, **kwargs: Any) -> None:
        if ci_class is not None:
            kwargs["initial"] = {
                "name": ci_class.name, "description": ci_class.description, "abstract": ci_class.abstract,
                "schemes": " ".join(ci_class.schemes or ()), "version": ci_class.version,
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        if ci_class is not None:
            del self.fields["slug"], self.fields["parent"]

    def said(self) -> dict[str, Any]:
        """As the operations take it."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return {**given, "schemes": given["schemes"].split() or None}
