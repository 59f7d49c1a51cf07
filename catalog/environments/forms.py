"""Shapes of what people type about environments, and the field by which other forms name one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import gettext_lazy as _

from catalog.environments.models import MAX_LENGTH, Environment, name_shape
from catalog.environments.queries import UnknownEnvironment, canonical_all, choices, looked_up
from catalog.environments.vocabulary import DEFAULT
from itsm.forms import Form


class EnvironmentField(forms.CharField):
    """One environment of the register, by its name or an alias; chosen from a list."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Environment"))
        options.setdefault("initial", DEFAULT)
        options.setdefault("widget", forms.Select(choices=CallableChoiceIterator(choices)))
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        said = super().clean(value)
        try:
            return looked_up(said) if said else ""
        except UnknownEnvironment as error:
            raise ValidationError(error.detail) from error


class EnvironmentsField(forms.TypedMultipleChoiceField):
    """Several environments of the register; none chosen means all of them."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Environments"))
        options.setdefault("widget", forms.CheckboxSelectMultiple)
        options.setdefault("help_text", _("None chosen: all of them."))
        super().__init__(choices=choices, required=False, **options)

    def validate(self, value: Any) -> None:
        """Aliases are taken as well, which the list of choices does not have."""

    def clean(self, value: Any) -> list[str]:
        try:
            return canonical_all(self.to_python(value))
        except UnknownEnvironment as error:
            raise ValidationError(error.detail) from error


class EnvironmentForm(Form):
    """What is said of an environment that is there already."""

    aliases = forms.CharField(
        label=_("Also called"), max_length=500, required=False,
        help_text=_("With spaces between. Whoever says one of these means this environment."),
    )  # fmt: skip
    description = forms.CharField(label=_("Description"), max_length=200, required=False)
    is_production = forms.BooleanField(
        label=_("The gate judges changes here as production"), required=False,
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_aliases(self) -> list[str]:
        said: str = self.cleaned_data["aliases"]
        return said.replace(",", " ").split()

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        return dict(self.cleaned_data)


class NewEnvironmentForm(EnvironmentForm):
    name = forms.CharField(
        label=_("Name"), max_length=MAX_LENGTH, validators=[name_shape], help_text=_("It does not change.")
    )
    version = None  # type: ignore[assignment]  # how Django's forms drop a field
    field_order = ("name", "aliases", "description", "is_production")


def as_typed(environment: Environment) -> dict[str, Any]:
    """What the edit form begins with."""
    return {
        "aliases": " ".join(environment.aliases),
        "description": environment.description,
        "is_production": environment.is_production,
        "version": environment.version,
    }
