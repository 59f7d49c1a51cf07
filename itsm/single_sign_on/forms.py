"""What an administrator types about a provider, by protocol."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as lazy

from itsm.forms import Form
from itsm.kernel.errors import InvalidInput
from itsm.single_sign_on.oidc import configuration as oidc
from itsm.single_sign_on.saml import configuration as saml

_MONO = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}
_URL = {**_MONO, "inputmode": "url"}


def _text(label: Any, help_text: Any = "", *, most: int = 300, required: bool = True, url: bool = False) -> Any:
    widget = forms.TextInput(attrs=_URL if url else _MONO)
    return forms.CharField(label=label, max_length=most, required=required, widget=widget, help_text=help_text)


def _words(value: str) -> list[str]:
    return [one for one in value.replace(",", " ").split() if one]


class OidcForm(Form):
    """`configuration()` gives what was typed; `advanced`: the fields that most leave as they are."""

    advanced = ("scope", "groups_claim", "strong_values", "emails_verified")

    issuer = _text(
        lazy("Issuer"),
        lazy("As the provider says it, such as https://login.acme.example. Everything else is read from there."),
        url=True,
    )
    client_id = _text(lazy("Client ID"), lazy("The provider gives it when you register this desk there."), most=200)
    credential = _text(
        lazy("File of the client secret"),
        lazy(
            "The name of a file in HEADROOM_SECRETS_DIR; the secret itself stands nowhere here. Where a private key "
            "lies there by that name (NAME.key, no NAME.crt) and the provider takes it, that signs instead, for the "
            "servers alone that NAME.hosts beside it names. Empty: PKCE alone."
        ),
        most=63, required=False,
    )  # fmt: skip
    scope = _text(lazy("Scope"), most=500)
    groups_claim = _text(
        lazy("Claim that names the groups"), lazy("Such as groups, or realm_access.roles. Empty: groups mean nothing."),
        most=200, required=False,
    )  # fmt: skip
    strong_values = _text(
        lazy("What stands for several factors"),
        lazy("Words of amr or acr, with spaces between them: who showed them is asked for no second factor here."),
        most=2000, required=False,
    )  # fmt: skip
    emails_verified = forms.BooleanField(
        label=lazy("Its addresses are verified, where it says nothing of that"), required=False,
        help_text=lazy("Entra ID says nothing of it. Only where nobody can choose an address there by themselves."),
    )  # fmt: skip

    @staticmethod
    def initial_of(configuration: Mapping[str, Any]) -> dict[str, Any]:
        """The boxes as this configuration fills them."""
        said = {**oidc.DEFAULTS, **configuration}
        return {**said, "strong_values": " ".join(said["strong_values"])}

    def configuration(self) -> dict[str, Any]:
        """What was typed, not checked yet."""
        return {**self.cleaned_data, "strong_values": _words(self.cleaned_data["strong_values"])}


class SamlForm(Form):
    """The same for SAML. Metadata, pasted or read once, fill the first three in."""

    advanced = ("slo_url", "subject_attribute", "strong_values", "emails_verified", "key", "wants_encrypted")

    metadata_url = _text(
        lazy("Address of its metadata"),
        lazy("Read once, now. What it says is shown before it counts, and never read again by itself."),
        required=False, url=True,
    )  # fmt: skip
    metadata = forms.CharField(
        label=lazy("Or its metadata (XML)"), required=False, max_length=saml.MAX_METADATA,
        widget=forms.Textarea(attrs={**_MONO, "rows": 4}),
    )  # fmt: skip
    entity_id = _text(lazy("Its name (entity ID)"), required=False)
    sso_url = _text(lazy("Where one signs in"), lazy("By HTTP-Redirect."), required=False, url=True)
    slo_url = _text(
        lazy("Where one signs out"),
        lazy("By HTTP-Redirect: whose session there ends is signed out here. Empty: it has no such address."),
        required=False, url=True,
    )  # fmt: skip
    certificates = forms.CharField(
        label=lazy("Certificates that it signs with"), required=False, max_length=40_000,
        widget=forms.Textarea(attrs={**_MONO, "rows": 5}),
        help_text=lazy("PEM. While it changes over, both: each is taken."),
    )  # fmt: skip
    email_attribute = _text(lazy("Attribute of the mail address"), required=False)
    name_attribute = _text(lazy("Attribute of the name"), required=False)
    groups_attribute = _text(lazy("Attribute of the groups"), required=False)
    subject_attribute = _text(
        lazy("Attribute that names people for ever"),
        lazy("Such as objectidentifier. Empty: the NameID, which must be the same at each sign-in."), required=False,
    )  # fmt: skip
    strong_values = _text(
        lazy("What stands for several factors"), lazy("Authentication contexts, with spaces between them."),
        most=2000, required=False,
    )  # fmt: skip
    emails_verified = forms.BooleanField(
        label=lazy("The addresses that it says are verified"), required=False,
        help_text=lazy("Only where nobody can choose an address there by themselves."),
    )  # fmt: skip
    key = _text(
        lazy("Files of our key"),
        lazy("A name: NAME.key and NAME.crt in HEADROOM_SECRETS_DIR sign what we ask and open what is encrypted."),
        most=63, required=False,
    )  # fmt: skip
    wants_encrypted = forms.BooleanField(label=lazy("Take encrypted assertions only"), required=False)

    @staticmethod
    def initial_of(configuration: Mapping[str, Any]) -> dict[str, Any]:
        """The boxes as this configuration fills them."""
        said = {**saml.DEFAULTS, **configuration}
        return {
            **said,
            "certificates": "".join(said["certificates"]),
            "strong_values": " ".join(said["strong_values"]),
        }

    def clean(self) -> dict[str, Any]:
        """Metadata count before what stands in the boxes."""
        said = super().clean() or self.cleaned_data
        try:
            if said.get("metadata_url"):
                said.update(saml.read_metadata(said["metadata_url"]))
            elif said.get("metadata"):
                said.update(saml.from_metadata(said["metadata"]))
        except InvalidInput as error:
            raise ValidationError(
                {name: words for name, words in error.errors.items() if name in self.fields}
            ) from error
        return said

    def configuration(self) -> dict[str, Any]:
        """What was typed or read, not checked yet."""
        said = {name: value for name, value in self.cleaned_data.items() if not name.startswith("metadata")}
        return {**said, "strong_values": said["strong_values"].split()}
