"""What people type about feeds and calendars of others."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from changes.boards.models import Board
from changes.calendar.forms import WindowForm
from changes.feeds.models import CalendarFeed
from itsm.calendars.adapters import MAX_TEXT
from itsm.forms import Form

if TYPE_CHECKING:
    from catalog.models import Service


class FeedForm(Form):
    """What a feed is about."""

    about = forms.ChoiceField(label=_("About"), choices=CalendarFeed.About.choices)
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, required=False, to_field_name="slug"
    )
    board: "forms.ModelChoiceField[Board]" = forms.ModelChoiceField(
        label=_("Board"), queryset=None, required=False, to_field_name="slug"
    )

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]
        self.fields["board"].queryset = Board.objects.filter(retired_at=None)  # type: ignore[attr-defined]


class SubscribeForm(Form):
    """A calendar of somebody else: its address, or a file."""

    name = forms.CharField(label=_("Name"), max_length=80)
    url = forms.URLField(label=_("Address (ICS)"), max_length=500, required=False, assume_scheme="https")
    file = forms.FileField(label=_("or a file"), required=False)
    zone = forms.CharField(
        label=_("Time zone"), max_length=64, widget=forms.TextInput(attrs={"class": "mono"}),
        help_text=_("Whose midnight its whole days mean."),
    )  # fmt: skip

    def said(self) -> dict[str, Any]:
        """As the operation takes it: the file as text, no more of it than is read."""
        said = dict(self.cleaned_data)
        upload = said.pop("file")
        return said | {"text": upload.read(4 * MAX_TEXT).decode("utf-8", "replace") if upload else ""}


class TakeInForm(WindowForm):
    """What an event of somebody else is for our changes, and for which: when it is, and its name, it says itself."""

    name = None  # type: ignore[assignment]  # how Django's forms drop a field
    starts_at = None  # type: ignore[assignment]
    ends_at = None  # type: ignore[assignment]
    rrule = None  # type: ignore[assignment]
    zone = None  # type: ignore[assignment]
    reason = None  # type: ignore[assignment]

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        return dict(self.cleaned_data)
