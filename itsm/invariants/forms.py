"""What a person says as they clear a violation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from itsm.invariants.models import SHORTEST_REASON


class ClearForm(Form):
    reason = forms.CharField(
        label=_("What was wrong, and what was done about it?"),
        min_length=SHORTEST_REASON,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It stays in the history: whoever audits reads why people were needed, and why no more."),
    )
