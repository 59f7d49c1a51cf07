"""Shapes of what people type about reports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.reports.models import SavedReport
from incidents.reports.vocabulary import Every, Group, Measure, Span
from itsm.accounts.models import User
from itsm.forms import Form


class ReportForm(Form):
    """A report that is kept."""

    name = forms.CharField(label=_("Name"), max_length=80)
    measures = forms.MultipleChoiceField(
        label=_("Measures"), choices=Measure.choices, widget=forms.CheckboxSelectMultiple
    )
    group_by = forms.ChoiceField(label=_("Told apart by"), choices=Group.choices)
    span = forms.ChoiceField(label=_("Period"), choices=Span.choices)
    query = forms.CharField(
        label=_("Only"), max_length=2000, required=False,
        help_text=_("Terms as in the address of a list, such as priority=1,2&team=network."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def said(self) -> dict[str, Any]:
        """The fields of a report."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def as_typed(report: SavedReport) -> dict[str, Any]:
    """A report as its form shows it."""
    return {name: getattr(report, name) for name in ("name", "measures", "group_by", "span", "query", "version")}


class MailForm(Form):
    """To whom it goes; nobody named: to oneself."""

    every = forms.ChoiceField(label=_("How often"), choices=Every.choices, initial=Every.WEEK)
    reader = forms.ModelChoiceField(
        label=_("To"), queryset=User.objects.none(), to_field_name="username", required=False,
        help_text=_("The user name of somebody who works here; empty: to you."), widget=forms.TextInput,
    )  # fmt: skip

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        reader: Any = self.fields["reader"]
        reader.queryset = User.objects.active_people()


class StopForm(Form):
    """Whose mail ends; nobody named: one's own."""

    reader = forms.ModelChoiceField(queryset=User.objects.all(), to_field_name="username", required=False)
