"""What people type about the change calendar."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.environments.forms import EnvironmentsField
from catalog.services.vocabulary import Tier
from changes.calendar.models import KINDS, CalendarWindow
from changes.calendar.rules.recurrence_rule import LONGEST
from itsm.forms import Form

if TYPE_CHECKING:
    from catalog.models import Service
    from itsm.accounts.models import Team

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
    with_dependents = forms.BooleanField(label=_("And what depends on them"), required=False)
    tiers = forms.TypedMultipleChoiceField(
        label=_("Tiers"), choices=Tier.choices, coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )  # fmt: skip
    teams: "forms.ModelMultipleChoiceField[Team]" = forms.ModelMultipleChoiceField(
        label=_("Of teams"),
        queryset=None,
        required=False,
        to_field_name="slug",
        widget=forms.SelectMultiple(attrs={"size": 4}),
        help_text=_("None chosen: all of them."),
    )
    environments = EnvironmentsField()
    change_kinds = forms.MultipleChoiceField(
        label=_("Kinds of change"), choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them. As the gate counts a change: by what is proven."),
    )  # fmt: skip
    rrule = forms.CharField(
        label=_("Repeats"), max_length=LONGEST, required=False,
        widget=forms.TextInput(attrs={"placeholder": "FREQ=WEEKLY;BYDAY=SU", "class": "mono"}),
        help_text=_("A rule of RFC 5545, meant by the clocks of the time zone; empty: once."),
    )  # fmt: skip
    zone = forms.CharField(
        label=_("Time zone of the rule"), max_length=64, required=False,
        widget=forms.TextInput(attrs={"placeholder": "Europe/Berlin", "class": "mono"}),
    )  # fmt: skip
    demanded = forms.BooleanField(
        label=_("Changes in its scope happen here only"), required=False,
        help_text=_("For a maintenance: a change outside of it is shown to conflict."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, services: "QuerySet[Service]", teams: "QuerySet[Team]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["services"].queryset = services  # type: ignore[attr-defined]
        self.fields["teams"].queryset = teams  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """As the operation takes it: the zone goes with the rule, which the page offers it beside."""
        said = dict(self.cleaned_data)
        return said if said["rrule"] else said | {"zone": ""}


class LockdownForm(WindowForm):
    """The draft of a lockdown, written anew. It is once, and stays one."""

    window_type = None  # type: ignore[assignment]  # how Django's forms drop a field
    rrule = None  # type: ignore[assignment]
    zone = None  # type: ignore[assignment]
    demanded = None  # type: ignore[assignment]

    @classmethod
    def initial_of(cls, window: CalendarWindow) -> dict[str, Any]:
        """The draft as the form shows it."""
        named = ("name", "starts_at", "ends_at", "with_dependents", "tiers", "environments", "change_kinds", "reason")
        return {name: getattr(window, name) for name in named} | {
            name: [one.slug for one in getattr(window, name).all()] for name in ("services", "teams")
        }

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        return dict(self.cleaned_data)
