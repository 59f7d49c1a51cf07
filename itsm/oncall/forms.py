"""Schedules, overrides, swaps and time off as people type them."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.models import Team, User
from itsm.clocks.hours_format import zones
from itsm.forms import Form, instant_box
from itsm.oncall.formats import hours
from itsm.oncall.models import Schedule
from itsm.oncall.operations import Said, people_in
from itsm.oncall.vocabulary import MAX_LENGTH, Count, Unit


def zone_choices() -> list[tuple[str, str]]:
    """Zones by their place."""
    return [(name, name.replace("_", " ")) for name in sorted(zones()) if "/" in name or name == "UTC"]


class ScheduleForm(Form):
    """A schedule without its layers."""

    name = forms.CharField(label=lazy("Name"), max_length=100)
    team: Any = forms.ModelChoiceField(
        queryset=None, label=lazy("Team"), to_field_name="slug", help_text=lazy("Its leads keep it; it hears of gaps.")
    )
    zone = forms.ChoiceField(label=lazy("Time zone"), choices=zone_choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.standing()  # type: ignore[attr-defined]


class LayerForm(Form):
    """A layer: who takes turns, how long, when. Left without people it is left out."""

    line = forms.IntegerField(required=False, widget=forms.HiddenInput)
    place = forms.IntegerField(label=lazy("Place"), min_value=1, max_value=99, help_text=lazy("1 lies on top."))
    name = forms.CharField(label=lazy("Name"), max_length=80, required=False)
    people = forms.CharField(
        label=lazy("Who takes turns"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5, "class": "mono", "spellcheck": "false", "data-people": "list"}),
        help_text=lazy("A line a turn, by user name; two at once with a comma; - for nobody."),
    )  # fmt: skip
    length = forms.IntegerField(label=lazy("A turn lasts"), min_value=1, max_value=MAX_LENGTH)
    unit = forms.ChoiceField(label=lazy("Unit"), choices=Unit.choices)
    anchor_date = forms.DateField(
        label=lazy("First turn begins on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    handoff = forms.TimeField(label=lazy("Hand-off at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    zone = forms.ChoiceField(label=lazy("Time zone"), choices=zone_choices)
    count = forms.ChoiceField(label=lazy("Moves on with"), choices=Count.choices)
    only_at = forms.CharField(
        label=lazy("Only at these times"), required=False, max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text=lazy("Empty: always. A line each: Mon-Fri 09:00-17:00, daily 22:00-06:00, Fri 17:00 - Mon 09:00."),
    )  # fmt: skip

    def clean_people(self) -> tuple[tuple[int, ...], ...]:
        lines = [line.strip() for line in self.cleaned_data["people"].splitlines() if line.strip()]
        wanted = [[name.strip() for name in line.split(",") if name.strip()] for line in lines]
        names = {name.lower() for line in wanted for name in line if name != "-"}
        found = {one.username.lower(): one.pk for one in User.objects.filter(username__in=_spellings(names, wanted))}
        if unknown := sorted(names - set(found)):
            raise ValidationError(_("There is nobody called %(names)s.") % {"names": ", ".join(unknown)})
        return tuple(tuple(found[name.lower()] for name in line if name != "-") for line in wanted)

    def clean_only_at(self) -> tuple[hours.Hours, ...]:
        found: list[hours.Hours] = []
        for line in self.cleaned_data["only_at"].splitlines():
            if not line.strip():
                continue
            try:
                found += hours.read(line)
            except ValueError as error:
                words = _("“%(line)s” is no time such as Mon-Fri 09:00-17:00.") % {"line": line[:40]}
                raise ValidationError(words) from error
        return tuple(found)

    def said(self) -> Said:
        """As operations take it."""
        said = self.cleaned_data
        return Said(
            said["unit"], said["length"], said["anchor_date"], said["handoff"].replace(second=0, microsecond=0),
            said["people"], said["only_at"], said["count"], said["zone"], said["name"], said["line"],
        )  # fmt: skip


def _spellings(names: set[str], wanted: Sequence[Sequence[str]]) -> set[str]:
    """As they were typed, and in small letters."""
    return names | {name for line in wanted for name in line}


def typed_layers(layers: Sequence[Said]) -> list[dict[str, Any]]:
    """What the editor begins with."""
    names = dict(User.objects.filter(pk__in=people_in(layers)).values_list("pk", "username"))
    return [
        {
            "line": one.line, "place": place, "name": one.name, "length": one.length, "unit": one.unit,
            "anchor_date": one.anchor_date, "handoff": one.handoff, "zone": one.zone, "count": one.count,
            "people": "\n".join(", ".join(names[person] for person in slot) or "-" for slot in one.slots),
            "only_at": "\n".join(hours.written(one.hours)),
        }
        for place, one in enumerate(layers, 1)
    ]  # fmt: skip


def a_new_layer(zone: str, place: int, today: Any) -> dict[str, Any]:
    """A week each from this Monday, at nine."""
    return {
        "place": place, "length": 1, "unit": Unit.WEEKS, "anchor_date": today, "handoff": time(9), "zone": zone,
        "count": Count.CALENDAR,
    }  # fmt: skip


class OverrideForm(Form):
    """Who has it instead, from when to when, in the reader's zone."""

    starts_at = forms.DateTimeField(label=lazy("From"), widget=instant_box())
    ends_at = forms.DateTimeField(label=lazy("Until"), widget=instant_box())
    people: Any = forms.ModelMultipleChoiceField(
        queryset=None, label=lazy("Who has it"), to_field_name="username", required=False,
        help_text=lazy("Of the team and of who takes turns; who is free then stands first."),
    )  # fmt: skip
    nobody = forms.BooleanField(label=lazy("Nobody is needed then"), required=False)
    reason = forms.CharField(label=lazy("Reason"), max_length=200, required=False)
    although_away = forms.BooleanField(label=lazy("Who has time off then has agreed"), required=False)

    def __init__(self, people: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


class SwapForm(Form):
    """Ask for a swap of one's turn, or of a part of it."""

    starts_at = forms.DateTimeField(
        label=lazy("From"), widget=instant_box(), required=False, help_text=lazy("Empty: the whole turn.")
    )
    ends_at = forms.DateTimeField(label=lazy("Until"), widget=instant_box(), required=False)
    note = forms.CharField(label=lazy("Note"), max_length=200, required=False)


class TimeOffForm(Form):
    """When somebody is away, in the reader's zone."""

    starts_at = forms.DateTimeField(label=lazy("From"), widget=instant_box())
    ends_at = forms.DateTimeField(label=lazy("Until"), widget=instant_box())
    note = forms.CharField(
        label=lazy("Note"), max_length=200, required=False, help_text=lazy("Only you and change managers read it.")
    )


class FeedForm(Form):
    """Of which schedule; none: one's own shifts."""

    schedule: Any = forms.ModelChoiceField(
        queryset=None, label=lazy("Of"), to_field_name="slug", required=False, empty_label=lazy("my own shifts")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["schedule"].queryset = Schedule.objects.filter(retired_at=None)  # type: ignore[attr-defined]
