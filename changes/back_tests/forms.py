"""What people type to test a policy on past changes."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form


class PeriodForm(Form):
    """From the first day to the last, both counted whole, in UTC."""

    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def period(self) -> dict[str, Any]:
        """`since` and `until`, half-open."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return {
            "since": datetime.combine(first, time(), UTC),
            "until": datetime.combine(last, time(), UTC) + timedelta(days=1),
        }
