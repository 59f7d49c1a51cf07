"""Shapes of what people type about improvements."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.improvement.models import Improvement
from catalog.improvement.queries import measures
from catalog.improvement.vocabulary import SCALE
from itsm.accounts.models import User
from itsm.forms import Form

if TYPE_CHECKING:
    from catalog.services.models import Service


def _measures() -> list[tuple[str, Any]]:
    return [("", _("not said yet")), *((one.name, one.label) for one in measures())]


class ImprovementForm(Form):
    title = forms.CharField(label=_("What should be better?"), max_length=160)
    why = forms.CharField(
        label=_("Why?"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Who loses what today."),
    )  # fmt: skip
    benefit = forms.TypedChoiceField(label=_("Benefit"), choices=SCALE, coerce=int, initial=3)
    effort = forms.TypedChoiceField(label=_("Effort"), choices=SCALE, coerce=int, initial=3)
    owner = forms.ModelChoiceField(
        label=_("Owner"), required=False, empty_label=_("nobody yet"),
        queryset=User.objects.active_people().order_by("name", "username"),
    )  # fmt: skip
    measure = forms.ChoiceField(
        label=_("Measure"), choices=_measures, required=False,
        help_text=_("Asked as the work begins, and again 14 days after its end."),
    )  # fmt: skip
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Of which service"), queryset=None, required=False, empty_label=_("all of them")
    )
    due = forms.DateField(
        label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]


class EditImprovementForm(ImprovementForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class NewImprovementForm(ImprovementForm):
    about = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    def said(self) -> dict[str, Any]:
        about = self.cleaned_data["about"]
        return {**self.cleaned_data, "about": [about] if about else []}


class LinkToForm(Form):
    """One of those that are offered, or any other by its reference."""

    pick = forms.ChoiceField(label=_("Problem, postmortem or finding"), required=False)
    to = forms.CharField(
        label=_("Or another record"), max_length=20, required=False,
        widget=forms.TextInput(attrs={"placeholder": "INC-42, CHG-3, KNO-7"}),
    )  # fmt: skip

    def __init__(self, offered: Sequence[tuple[Any, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pick"].choices = [("", _("choose")), *offered]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.unmarked = True  # type: ignore[attr-defined]  # one of the two

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        said["to"] = said.get("to") or said.get("pick") or ""
        if not said["to"] and not self.errors:
            raise forms.ValidationError(_("Choose a record, or give its reference."))
        return said


def as_typed(one: Improvement) -> dict[str, Any]:
    return {
        "title": one.title, "why": one.why, "benefit": one.benefit, "effort": one.effort, "owner": one.owner_id,
        "measure": one.measure, "service": one.service_id, "due": one.due, "version": one.version,
    }  # fmt: skip
