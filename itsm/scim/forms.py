"""A provider that writes by SCIM, as an administrator types it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from itsm.forms import Form

_MONO = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}


class ScimProviderForm(Form):
    """As the forms of other protocols (`itsm.identity.protocols.Speaks`)."""

    advanced: tuple[str, ...] = ()

    account = forms.CharField(
        label=lazy("Service account"), max_length=150,
        widget=forms.TextInput(attrs=_MONO | {"placeholder": "scim-okta"}),
        help_text=lazy(
            "Make one for this provider alone, with no role. A token of it with the scope “scim” goes into the "
            "settings of the provider, with the address of this desk and /scim/v2 behind it."
        ),
    )  # fmt: skip
    believes_addresses = forms.BooleanField(
        label=lazy("Its mail addresses count as verified"), required=False,
        help_text=lazy("Where the company gives the addresses, and nobody changes their own there."),
    )  # fmt: skip
    signs_in_by = forms.CharField(
        label=lazy("Its people sign in by"), max_length=40, required=False, widget=forms.TextInput(attrs=_MONO),
        help_text=lazy(
            "The short name of the provider by which the same people sign in: there the account waits for whoever has "
            "their verified address, and who came in by it already is not made a second time. “none”: they sign in "
            "otherwise."
        ),
    )  # fmt: skip

    @staticmethod
    def initial_of(configuration: Mapping[str, Any]) -> dict[str, Any]:
        """The boxes as this configuration fills them."""
        return {"believes_addresses": True, **configuration}

    def configuration(self) -> dict[str, Any]:
        """What was typed, not checked yet."""
        return dict(self.cleaned_data)
