"""Asking that a service be in shadow."""

from django import forms
from django.utils.translation import gettext_lazy as _

from changes.change.models.gate_shadow import LONGEST
from changes.change.operations.shadowing import SHORTEST_REASON
from itsm.forms import Form

USUAL_DAYS = 28


class ShadowForm(Form):
    """For how many days, and why."""

    days = forms.IntegerField(label=_("For how many days?"), min_value=1, max_value=LONGEST.days, initial=USUAL_DAYS)
    reason = forms.CharField(
        label=_("What is still to be seen before the gate may rule?"), max_length=2000, min_length=SHORTEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
