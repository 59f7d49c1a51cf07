"""Data sources, and files of measurements."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from itsm.slugs import slug_shape
from slo.measuring.forms.parts import NOWHERE, OF_THE_NAME, SlugFromName
from slo.measuring.models import DataSource


class SourceForm(Form):
    """What may be changed later."""

    name = forms.CharField(label=_("Name"), max_length=120)
    url = forms.CharField(
        label=_("Address"), max_length=300,
        widget=forms.URLInput(attrs={"placeholder": "https://prometheus.example.org"}),
        help_text=_(
            "What comes before /api/v1: Prometheus, Thanos, Mimir or VictoriaMetrics. "
            "Parameters such as ?dedup=true go with every question."
        ),
    )  # fmt: skip
    auth = forms.ChoiceField(
        label=_("Sign-in"),
        choices=DataSource.Auth.choices,
        widget=forms.RadioSelect,
        initial=DataSource.Auth.NONE.value,
        help_text=_("Where a credential is sent is for change managers and administrators to say."),
    )
    username = forms.CharField(
        label=_("User name"), max_length=120, required=False, widget=forms.TextInput(attrs=NOWHERE)
    )
    credential = forms.CharField(
        label=_("Name of the secret"), max_length=63, required=False, validators=[slug_shape],
        widget=forms.TextInput(attrs=NOWHERE | {"placeholder": "prometheus-prod"}),
        help_text=_(
            "A name, never the secret itself: an administrator puts the secret into a file of this name in "
            "HEADROOM_SECRETS_DIR (for a client certificate: name.crt and name.key), and only the programs read it."
        ),
    )  # fmt: skip
    authority = forms.CharField(
        label=_("Private authority"), max_length=63, required=False, validators=[slug_shape],
        widget=forms.TextInput(attrs=NOWHERE | {"placeholder": "company-ca"}),
        help_text=_(
            "Where its certificate comes from a private authority: the name of a file in HEADROOM_SECRETS_DIR, "
            "without its .ca."
        ),
    )  # fmt: skip
    tenant_header = forms.CharField(
        label=_("Tenant header"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "X-Scope-OrgID"}),
    )
    tenant = forms.CharField(label=_("Tenant"), max_length=200, required=False)
    lag_minutes = forms.IntegerField(
        label=_("Lag (minutes)"), min_value=0, max_value=60, initial=0,
        help_text=_("The newest minutes that are still being filled there. They are asked for once they are whole."),
    )  # fmt: skip

    def fields_said(self) -> dict[str, Any]:
        """As the operations take them; what the chosen sign-in does not use is dropped."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in {"version", "slug"}}
        if said["auth"] == DataSource.Auth.NONE:
            said["credential"] = ""
        if said["auth"] != DataSource.Auth.BASIC:
            said["username"] = ""
        return said


class NewSourceForm(SlugFromName, SourceForm):
    slug = forms.CharField(
        label=_("Slug"), max_length=63, validators=[slug_shape], required=False,
        widget=forms.TextInput(attrs=OF_THE_NAME),
        help_text=_("Its key in files and addresses, made of the name; it does not change."),
    )  # fmt: skip

    def taken(self, slug: str) -> bool:
        return DataSource.objects.filter(slug=slug).exists()


class EditSourceForm(SourceForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class UploadForm(Form):
    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain", "class": "form-control"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.FILE_UPLOAD_MAX_BYTES:
            raise ValidationError(gettext("The file is larger than 8 MB."))
        return file


def source_as_typed(source: DataSource) -> dict[str, Any]:
    names = (
        "name", "url", "auth", "username", "credential", "authority", "tenant_header", "tenant", "lag_minutes",
        "version",
    )  # fmt: skip
    return {name: getattr(source, name) for name in names}
