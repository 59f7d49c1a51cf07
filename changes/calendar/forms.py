"""What people type about the change calendar."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.environments.forms import EnvironmentsField
from changes.calendar.models import CalendarWindow
from itsm.forms import Form

if TYPE_CHECKING:
    from catalog.models import Service

_CLOCK = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class WindowForm(Form):
    """An entry of the calendar. Times are in the writer's own zone."""

    window_type = forms.ChoiceField(label=_("Kind"), choices=CalendarWindow.Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=120)
    starts_at = forms.DateTimeField(label=_("Starts"), widget=_CLOCK)
    ends_at = forms.DateTimeField(label=_("Ends"), widget=_CLOCK)
    services: "forms.ModelMultipleChoiceField[Service]" = forms.ModelMultipleChoiceField(
        label=_("Services"),
        queryset=None,
        required=False,
        to_field_name="slug",
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("None chosen: all of them."),
    )
    environments = EnvironmentsField()
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["services"].queryset = services  # type: ignore[attr-defined]
