"""Shapes of what people type in the portal."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.accounts import audiences
from itsm.accounts.forms import AudienceField
from itsm.announcements.models import MAX_BODY, MAX_TITLE, Announcement
from itsm.forms import Form, instant_box

if TYPE_CHECKING:
    from catalog.services.models import Service


class AnnouncementForm(Form):
    title = forms.CharField(label=_("What do they have to know?"), max_length=MAX_TITLE)
    body = forms.CharField(
        label=_("More, in plain words"), max_length=MAX_BODY, required=False, widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
    kind_of = forms.ChoiceField(
        label=_("Kind"), choices=Announcement.Kind.choices,
        help_text=_("Maintenance is shown two weeks ahead, and as the state of its service while it runs."),
    )  # fmt: skip
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("About which service"), queryset=None, required=False, empty_label=_("none in particular"),
    )  # fmt: skip
    starts_at = forms.DateTimeField(label=_("From"), widget=instant_box())
    ends_at = forms.DateTimeField(label=_("Until"), widget=instant_box())
    audience = AudienceField(required=False)

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]
        self.fields["audience"].label = _("Who reads it")
        self.fields["audience"].help_text = _("Teams: their members alone.")

    def clean_audience(self) -> list[str]:
        """Everybody where nothing is chosen."""
        return list(self.cleaned_data["audience"]) or audiences.everybody()


class EditAnnouncementForm(AnnouncementForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


def as_typed(one: Announcement) -> dict[str, Any]:
    """An announcement as its form holds it."""
    return {
        "title": one.title, "body": one.body, "kind_of": one.kind_of, "service": one.service_id,
        "starts_at": one.starts_at, "ends_at": one.ends_at, "audience": one.audience, "version": one.version,
    }  # fmt: skip
