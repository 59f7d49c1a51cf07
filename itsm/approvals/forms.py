"""What a second person may say."""

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form


class DecisionForm(Form):
    """The version that was read, and a word to go with it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = forms.CharField(label=_("Remark"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2}))
