"""One's own account: passwords and addresses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form


class PasswordForm(Form):
    """A password, typed twice."""

    password = forms.CharField(
        label=_("New password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters, and not one that everybody uses."),
    )
    again = forms.CharField(
        label=_("Again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("password") and said.get("again") and said["password"] != said["again"]:
            self.add_error("again", _("This is not the same."))
        return said


class ChangePasswordForm(PasswordForm):
    current_password = forms.CharField(
        label=_("Present password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current_password", "password", "again")


class ForgottenForm(Form):
    typed = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )


class AddressForm(Form):
    email = forms.EmailField(label=_("Another address"), max_length=254)


class ProofForm(Form):
    """Who somebody is, asked by `itsm.accounts.step_up.ask_proof`."""
