"""Shapes of what people type about sources of deliveries, and about what of theirs is which service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.environments.forms import EnvironmentField
from catalog.services.queries import every_service
from changes.delivery.models import DeliverySource
from changes.delivery.vocabulary import Platform
from itsm.api.typed_sources import as_document, programs, read_json
from itsm.forms import Form

_MONO = {"class": "mono", "spellcheck": "false"}


class SourceForm(Form):
    """Everything that a source says of itself."""

    name = forms.CharField(label=_("Name"), max_length=120)
    slug = forms.SlugField(label=_("Slug"), max_length=63, help_text=_("A generic source has its door by this name."))
    platform = forms.ChoiceField(label=_("Platform"), choices=[one for one in Platform.choices if one[0] != "cdevents"])
    account: Any = forms.ModelChoiceField(
        label=_("Program"), queryset=None, to_field_name="username",
        help_text=_("The account in whose name it asks the gate, starts and finishes."),
    )  # fmt: skip
    credential = forms.CharField(
        label=_("Secret of its signatures"), max_length=63, required=False, widget=forms.TextInput(attrs=_MONO),
        help_text=_("The name of a secret in HEADROOM_SECRETS_DIR. Empty: one is made here, and shown once."),
    )  # fmt: skip
    api_url = forms.CharField(
        label=_("Address of its API"), max_length=300, required=False,
        widget=forms.TextInput(attrs={**_MONO, "inputmode": "url", "placeholder": "https://api.github.com"}),
        help_text=_("Where questions are answered. Empty: the public one."),
    )  # fmt: skip
    app_id = forms.CharField(
        label=_("Number of the GitHub App"), max_length=20, required=False, widget=forms.TextInput(attrs=_MONO)
    )
    api_credential = forms.CharField(
        label=_("Key or token of its API"), max_length=63, required=False, widget=forms.TextInput(attrs=_MONO),
        help_text=_(
            "A name in HEADROOM_SECRETS_DIR: for name the file name.key holds the App's private key, or the file name "
            "GitLab's token."
        ),
    )  # fmt: skip
    mapping = forms.CharField(
        label=_("Mapping"), required=False, max_length=20_000, widget=forms.Textarea(attrs={**_MONO, "rows": 8}),
        help_text=_("Of a generic source: JSON pointers that say where its deployments stand."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = programs()  # type: ignore[attr-defined]

    def clean_mapping(self) -> Any:
        text = self.cleaned_data["mapping"].strip()
        return read_json(text) if text else {}

    def said(self) -> dict[str, Any]:
        """As the operation takes it; without an address, that of the public platform."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return said if said["api_url"] else {name: value for name, value in said.items() if name != "api_url"}


def as_typed(source: DeliverySource) -> dict[str, Any]:
    """A source as its form shows it."""
    names = ("name", "slug", "platform", "credential", "api_url", "app_id", "api_credential", "version")
    said = {name: getattr(source, name) for name in names}
    return said | {"account": source.account.username, "mapping": as_document(source.mapping)}


class RouteForm(Form):
    """What of a source is which service; `exactly`: of this workflow and environment there, or of any."""

    source: Any = forms.ModelChoiceField(label=_("Source"), queryset=None, to_field_name="slug")
    repository = forms.CharField(label=_("Repository"), max_length=200, widget=forms.TextInput(attrs=_MONO))
    workflow = forms.CharField(label=_("Workflow"), max_length=200, required=False, help_text=_("Empty: any."))
    theirs = forms.CharField(label=_("Environment there"), max_length=200, required=False, help_text=_("Empty: any."))
    service: Any = forms.ModelChoiceField(label=_("Service"), queryset=None)
    environment = EnvironmentField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = DeliverySource.objects.filter(retired_at=None).order_by("name")
        self.fields["source"].queryset = live  # type: ignore[attr-defined]
        self.fields["service"].queryset = every_service().order_by("name")  # type: ignore[attr-defined]
