"""What people type to test a policy on past changes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form

# No change was decided outside, and days beyond have no next one.
_IN_USE = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]


def _day_box() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PeriodForm(Form):
    """From the first day to the last, both counted whole, in UTC."""

    first = forms.DateField(label=_("From"), validators=_IN_USE, widget=_day_box())
    last = forms.DateField(label=_("To"), validators=_IN_USE, widget=_day_box())

    def period(self) -> dict[str, Any]:
        """`since` and `until`, half-open."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return {
            "since": datetime.combine(first, time(), UTC),
            "until": datetime.combine(last, time(), UTC) + timedelta(days=1),
        }
