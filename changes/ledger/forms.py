"""Asking for a refund."""

from django import forms
from django.utils.translation import gettext_lazy as _

from changes.ledger.models import SHORTEST_REASON
from itsm.forms import Form


class RefundForm(Form):
    """How many events (or slices), and why."""

    events = forms.IntegerField(label=_("How many"), min_value=1, max_value=10**12)
    reason = forms.CharField(
        label=_("Why was it not this change?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        min_length=SHORTEST_REASON,
    )  # fmt: skip
