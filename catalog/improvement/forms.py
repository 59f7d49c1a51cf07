"""Shapes of what people type about improvements."""

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
        queryset=User.objects.filter(account_type=User.AccountType.HUMAN, is_active=True).order_by("name", "username"),
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


class LinkToForm(Form):
    to = forms.CharField(
        label=_("Reference"), max_length=20,
        widget=forms.TextInput(attrs={"placeholder": "PRB-7, INC-42, CHG-3"}),
    )  # fmt: skip


def as_typed(one: Improvement) -> dict[str, Any]:
    return {
        "title": one.title, "why": one.why, "benefit": one.benefit, "effort": one.effort, "owner": one.owner_id,
        "measure": one.measure, "service": one.service_id, "due": one.due, "version": one.version,
    }  # fmt: skip
