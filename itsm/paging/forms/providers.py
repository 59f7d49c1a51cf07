"""A gateway as an administrator types it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from itsm.forms import Form
from itsm.paging.models import PagingProvider
from itsm.paging.vocabulary import PHONE_CHOICES

_MONO = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}
NAMES = (
    "name", "channel", "position", "url", "body", "template", "auth", "username", "credential", "ok_pointer",
    "ok_value", "id_pointer", "reports",
)  # fmt: skip


class ProviderForm(Form):
    name = forms.CharField(label=lazy("Name"), max_length=80)
    channel = forms.ChoiceField(label=lazy("Reaches by"), choices=PHONE_CHOICES)
    position = forms.IntegerField(
        label=lazy("Position"), min_value=1, max_value=100, initial=1,
        help_text=lazy("The first is asked first; where it fails or reports nothing for 40 seconds, the next one is."),
    )  # fmt: skip
    url = forms.CharField(label=lazy("Address"), max_length=500, widget=forms.URLInput(attrs=_MONO))
    body = forms.ChoiceField(label=lazy("Body"), choices=PagingProvider.Body.choices)
    template = forms.CharField(
        label=lazy("Template"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4, **_MONO}),
        initial='{"to": "{to}", "text": "{text}", "id": "{id}"}',
        help_text=lazy("{to}: the number; {text}: what it says; {id}: our number, the same if it is sent again."),
    )  # fmt: skip
    auth = forms.ChoiceField(label=lazy("Signs in by"), choices=PagingProvider.Auth.choices)
    username = forms.CharField(label=lazy("User name"), max_length=120, required=False)
    credential = forms.CharField(
        label=lazy("Credential"), max_length=63, required=False, widget=forms.TextInput(attrs=_MONO),
        help_text=lazy("The name of a file in HEADROOM_SECRETS_DIR; the secret itself stands nowhere here."),
    )  # fmt: skip
    ok_pointer = forms.CharField(
        label=lazy("Where the answer says that it was taken"), max_length=120, required=False,
        widget=forms.TextInput(attrs=_MONO),
        help_text=lazy("A JSON pointer, such as /messages/0/status. Empty: any 2xx."),
    )  # fmt: skip
    ok_value = forms.CharField(label=lazy("What it says then"), max_length=120, required=False)
    id_pointer = forms.CharField(
        label=lazy("Where its own number stands"), max_length=120, required=False, widget=forms.TextInput(attrs=_MONO)
    )
    reports = forms.BooleanField(label=lazy("It reports what became of a message"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in NAMES}


def as_typed(provider: PagingProvider) -> dict[str, Any]:
    return {name: getattr(provider, name) for name in (*NAMES, "version")}
