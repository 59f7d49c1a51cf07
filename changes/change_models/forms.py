"""What people type about change models."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from itsm.slugs import slug_shape

if TYPE_CHECKING:
    from catalog.models import Service


class ModelForm(Form):
    """The bounds of a change model: deployments within them are standard changes."""

    slug = forms.CharField(label=_("Slug"), max_length=63, validators=[slug_shape])
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, to_field_name="slug"
    )
    repository = forms.CharField(label=_("Repository"), max_length=200, required=False, help_text=_("Empty: any."))
    workflow_name = forms.CharField(
        label=_("Pipeline workflow"), max_length=200, required=False, help_text=_("Empty: any.")
    )
    risk = forms.ChoiceField(label=_("Risk"), choices=[("low", _("Low")), ("medium", _("Medium")), ("high", _("High"))])
    progressive = forms.BooleanField(label=_("It always rolls out progressively"), required=False)
    rollback_tested = forms.BooleanField(label=_("Its rollback is tested"), required=False)
    allows_migration = forms.BooleanField(label=_("It may migrate the schema"), required=False)

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]
