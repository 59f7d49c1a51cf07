"""What people type about a correction, and about a budget that might be."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from slo.measuring.forms.parts import PercentField
from slo.objectives.models import Correction
from slo.objectives.queries.objective_page.arithmetic import PACES

_CLOCK = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class PeriodForm(Form):
    """A half-open stretch of time, in the reader's own zone."""

    starts_at = forms.DateTimeField(label=_("From"), widget=_CLOCK, help_text=_("In your time zone."))
    ends_at = forms.DateTimeField(label=_("To"), widget=_CLOCK)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        starts_at: datetime | None = said.get("starts_at")
        if starts_at and said.get("ends_at") and said["ends_at"] <= starts_at:
            self.add_error("ends_at", gettext("It ends after it starts."))
        return said


class CorrectionForm(PeriodForm):
    """A period that should not count, and why."""

    category = forms.ChoiceField(label=_("Kind"), choices=Correction.Category.choices)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands beside the budget for everyone to read."),
    )
    expires_at = forms.DateTimeField(
        label=_("Holds until"),
        required=False,
        widget=_CLOCK,
        help_text=_("Empty: a year after its end. Then the period counts again."),
    )
    field_order = ("category", "starts_at", "ends_at", "reason", "expires_at")


class RemarkForm(Form):
    """What a step of a correction takes: the version that was looked at, and a word if one likes."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Remark"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class WhatIfForm(Form):
    """A question to the forecast; every field has an answer that changes nothing."""

    traffic = forms.DecimalField(label=_("Traffic ×"), min_value=0, max_value=1000, decimal_places=2, initial=1)
    target = PercentField(label=_("Target (%)"), required=False)
    outage_minutes = forms.IntegerField(label=_("Outage (min)"), min_value=0, max_value=527_040, initial=0)
    outage_share = PercentField(label=_("Share failing (%)"), initial=100)
    pace = forms.ChoiceField(label=_("Burning as in"), choices=[(pace, _("the last %s") % pace) for pace in PACES])

    def __init__(self, *args: Any, with_target: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        if not with_target:
            del self.fields["target"]

    def clean_target(self) -> Any:
        target = self.cleaned_data["target"]
        if target is not None and not 0 < target < 1:
            raise forms.ValidationError(gettext("A target lies between 0 and 100 %, both excluded."))
        return target
