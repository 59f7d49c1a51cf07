"""Factors, rules and resets as people type them."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from itsm.second_factors.keys import LONGEST
from itsm.second_factors.showing import CodeInput, KeyButton, fields


class ShowForm(Form):
    """The second step of a sign-in: what this person has."""

    def __init__(self, user_id: int, data: Any = None) -> None:
        super().__init__(data)
        self.fields.update(fields(user_id, reverse("sign_in_factors:ask"), required=True))
        for field in self.fields.values():
            field.unmarked = True  # type: ignore[attr-defined]
        if "proof_code" in self.fields:
            self.fields["proof_code"].widget.attrs["autofocus"] = True


class AppForm(Form):
    code = forms.CharField(
        label=_("The code that it shows"), max_length=10, widget=CodeInput(),
        help_text=_("Six digits. They change every thirty seconds."),
    )  # fmt: skip
    name = forms.CharField(label=_("What you call it"), max_length=60, initial=_("My phone"))


class KeyForm(Form):
    """A key that the browser makes: `options` is the address that says how."""

    name = forms.CharField(label=_("What you call it"), max_length=60)
    answer = forms.CharField(max_length=LONGEST, error_messages={"required": _("Touch the key first.")})

    def __init__(self, options: str, data: Any = None, *, passkey: bool = False) -> None:
        super().__init__(data, initial={"name": _("This device") if passkey else _("Security key")})
        self.fields["answer"].widget = KeyButton(options, asks="create", label=_("Add it now"))
        self.fields["answer"].label = _("Passkey") if passkey else _("Security key")
        self.fields["answer"].unmarked = True  # type: ignore[attr-defined]


class RuleForm(Form):
    role = forms.CharField(max_length=20, widget=forms.HiddenInput)
    required = forms.BooleanField(label=_("asked for"), required=False)
    grace_days = forms.IntegerField(label=_("Days of grace"), min_value=0, max_value=90, required=False, initial=14)


class ReasonForm(Form):
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
