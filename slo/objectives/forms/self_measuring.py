"""What an owner types to allow self-measuring."""

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form


class AllowanceForm(Form):
    reason = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea({"rows": 2}))
    until = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}))
