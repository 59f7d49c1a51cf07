"""Sources of alerts, rules of routing and pasted bodies as people type them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from incidents.alerts_in.models import AlertSource
from incidents.alerts_in.rules import written
from incidents.alerts_in.vocabulary import SourceKind
from itsm.api.typed_sources import as_document, programs, read_json
from itsm.forms import Form

_MONO = {"class": "mono", "spellcheck": "false"}
_MOST = 200_000


class SourceForm(Form):
    """Everything that a source says; `body` is only looked at."""

    slug = forms.SlugField(label=lazy("Slug"), max_length=63, help_text=lazy("Its door has this name."))
    name = forms.CharField(label=lazy("Name"), max_length=120)
    shape = forms.ChoiceField(label=lazy("What it speaks"), choices=SourceKind.choices)
    account: Any = forms.ModelChoiceField(
        label=lazy("Program"), queryset=None, required=False, to_field_name="username", empty_label=lazy("any"),
        help_text=lazy("Whose token brings its alerts. Without one, alerts of this shape of every other program."),
    )  # fmt: skip
    group_by = forms.CharField(
        label=lazy("Grouped by"), max_length=2000, initial="alertname", widget=forms.TextInput(attrs=_MONO),
        help_text=lazy("Labels with commas between. Alerts of a service that are alike in them share an incident."),
    )  # fmt: skip
    settle = forms.IntegerField(
        label=lazy("Resolved after (minutes)"), min_value=1, max_value=1440, required=False,
        help_text=lazy("Once all alerts of an incident have ended. Empty: a person resolves it."),
    )  # fmt: skip
    may_acknowledge = forms.BooleanField(label=lazy("What it acknowledges counts here too"), required=False)
    service_label = forms.CharField(
        label=lazy("Label of the service"), max_length=100, initial="service", widget=forms.TextInput(attrs=_MONO)
    )
    environment_label = forms.CharField(
        label=lazy("Label of the environment"), max_length=100, initial="environment",
        widget=forms.TextInput(attrs=_MONO),
    )  # fmt: skip
    server_url = forms.CharField(
        label=lazy("Address of its Alertmanager"), max_length=300, required=False,
        widget=forms.TextInput(attrs={**_MONO, "inputmode": "url", "placeholder": "https://alertmanager.example.com"}),
        help_text=lazy("It is read every five minutes, and holds there what changes keep quiet."),
    )  # fmt: skip
    credential = forms.CharField(
        label=lazy("Credential"), max_length=63, required=False, widget=forms.TextInput(attrs=_MONO),
        help_text=lazy("The name of a bearer token in HEADROOM_SECRETS_DIR. Empty: none is needed."),
    )  # fmt: skip
    mapping = forms.CharField(
        label=lazy("Mapping"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={**_MONO, "rows": 12}),
        help_text=lazy("JSON pointers: where its alerts stand, and in each what says what."),
    )  # fmt: skip
    body = forms.CharField(
        label=lazy("A body to try it with"), required=False, max_length=_MOST,
        widget=forms.Textarea(attrs={**_MONO, "rows": 10}),
        help_text=lazy("Paste what it sends. Nothing becomes of it."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = programs()  # type: ignore[attr-defined]

    def clean_mapping(self) -> Any:
        text = self.cleaned_data["mapping"].strip()
        return read_json(text) if text else {}

    def clean_body(self) -> Any:
        text = self.cleaned_data["body"].strip()
        return read_json(text) if text else None

    def clean_group_by(self) -> list[str]:
        found = [one.strip() for one in self.cleaned_data["group_by"].split(",") if one.strip()]
        if not 1 <= len(found) <= 20:
            raise ValidationError(_("Name one label to twenty."))
        return found

    def said(self) -> dict[str, Any]:
        """What an operation takes."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"body", "version"}}


def as_typed(source: AlertSource) -> dict[str, Any]:
    """A source as its form shows it."""
    return {
        "slug": source.slug, "name": source.name, "shape": source.shape, "group_by": ", ".join(source.group_by),
        "account": source.account.username if source.account else None,
        "settle": source.settle, "may_acknowledge": source.may_acknowledge, "service_label": source.service_label,
        "environment_label": source.environment_label, "server_url": source.server_url,
        "credential": source.credential, "version": source.version,
        "mapping": as_document(source.mapping),
    }  # fmt: skip


class RoutingForm(Form):
    """All rules, a line each, and why they change."""

    rules = forms.CharField(
        label=lazy("Rules"), required=False, max_length=200_000, widget=forms.Textarea(attrs={**_MONO, "rows": 10}),
        help_text=lazy("A line for each, in order; the first that fits says whose an alert is."),
    )  # fmt: skip
    reason = forms.CharField(label=lazy("Why"), max_length=500)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_rules(self) -> list[Any]:
        try:
            return written.read(self.cleaned_data["rules"])
        except written.Unreadable as error:
            raise ValidationError(str(error)) from error


class BenchForm(Form):
    """A body, of which source it would be, and the rules as they stand in the box."""

    source: Any = forms.ModelChoiceField(label=lazy("As if from"), queryset=None, to_field_name="slug")
    body = forms.CharField(
        label=lazy("Body"), max_length=_MOST, widget=forms.Textarea(attrs={**_MONO, "rows": 10}),
        help_text=lazy("Paste what it sends. Nothing becomes of it."),
    )  # fmt: skip
    rules = forms.CharField(
        label=lazy("Rules"), required=False, max_length=200_000, widget=forms.Textarea(attrs={**_MONO, "rows": 10})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources = AlertSource.objects.filter(retired_at=None).order_by("name")
        self.fields["source"].queryset = sources  # type: ignore[attr-defined]

    def clean_body(self) -> Any:
        return read_json(self.cleaned_data["body"])

    def clean_rules(self) -> list[Any]:
        try:
            return written.read(self.cleaned_data["rules"])
        except written.Unreadable as error:
            raise ValidationError(str(error)) from error
