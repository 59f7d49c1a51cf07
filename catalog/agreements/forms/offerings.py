"""Offerings as people type them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.agreements.models import Agreement, Offering
from itsm.accounts.forms import AudienceField
from itsm.forms import Form


class OfferingForm(Form):
    """`names_agreements`: whether this reader says what is promised."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What one gets, in the words of who asks for it."),
    )  # fmt: skip
    audience = AudienceField(required=False)
    agreement = forms.ModelChoiceField(
        Agreement.objects.filter(retired_at=None, agreement_type=Agreement.Type.SLA), label=_("Agreement"),
        required=False, empty_label=_("as agreements say of the service"),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, names_agreements: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not names_agreements:
            del self.fields["agreement"]

    def said(self) -> dict[str, Any]:
        """As the operation takes it; the audience stays where none is chosen."""
        kept = dict(self.cleaned_data)
        return {name: value for name, value in kept.items() if value or name != "audience"}


class NewOfferingForm(OfferingForm):
    version = None  # type: ignore[assignment]  # how Django's forms drop a field


def offering_as_typed(offering: Offering) -> dict[str, Any]:
    """What the edit form begins with."""
    names = ("name", "description", "audience", "agreement", "version")
    return {name: getattr(offering, name) for name in names}
