"""Calendars as people type them: a line of spans for each weekday, a line for each date that is otherwise."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS as NAMES
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.calendars.adapters import MAX_TEXT
from itsm.clocks.hours_format import MAX_DAYS, MAX_NAME, WEEKDAYS, zones
from itsm.clocks.models import CalendarVersion
from itsm.forms import Form

# What a new calendar begins with: most desks change an hour of it.
USUAL_WEEK = dict.fromkeys(WEEKDAYS[:5], "09:00-17:00")


def zone_choices() -> list[tuple[str, str]]:
    """Zones by their place."""
    return [(name, name.replace("_", " ")) for name in sorted(zones()) if "/" in name or name == "UTC"]


def days_typed(days: Any) -> str:
    """One line a date: `2026-12-24 09:00-12:00 Christmas Eve`, with who named it at the end where no person did."""
    return "\n".join(
        " ".join(
            part
            for part in (
                one["date"],
                *one["spans"],
                one["name"],
                "" if one["origin"] == "person" else f"[{one['origin']}]",
            )
            if part
        )
        for one in days
    )


def day_read(line: str) -> dict[str, Any]:
    """The date, spans, name and origin of a line; ValidationError where it begins with no date."""
    words = line.split()
    try:
        date.fromisoformat(words[0])
    except ValueError as error:
        sentence = _("“%(line)s” does not begin with a date such as 2026-12-24.") % {"line": line[:40]}
        raise ValidationError(sentence) from error
    origin = "person"
    if words[-1].startswith("[") and words[-1].endswith("]"):
        origin = words.pop()[1:-1][:40]
    spans = [word for word in words[1:] if word[:1].isdigit() and ":" in word and "-" in word]
    name = " ".join(word for word in words[1:] if word not in spans)
    return {"date": words[0], "spans": spans, "name": name[:MAX_NAME], "origin": origin}


class CalendarForm(Form):
    """What is said of a calendar that is there already."""

    name = forms.CharField(label=lazy("Name"), max_length=80)
    days = forms.CharField(
        label=lazy("Holidays and short days"), required=False, max_length=200_000, strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false"}),
        help_text=lazy("A line each: 2026-12-25 Christmas, or 2026-12-24 09:00-12:00 Christmas Eve for a short day."),
    )  # fmt: skip
    valid_from = forms.DateTimeField(
        label=lazy("Count anew from"), required=False,
        help_text=lazy("Only to mend hours that were wrong: clocks that are still open are counted anew from then."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    reason = forms.CharField(label=lazy("Why"), max_length=500, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, name in enumerate(WEEKDAYS):
            self.fields[name] = forms.CharField(
                label=NAMES[place], max_length=200, required=False,
                widget=forms.TextInput(attrs={"class": "mono", "placeholder": "09:00-12:00 13:00-17:30"}),
            )  # fmt: skip
        self.order_fields(["name", "zone", *WEEKDAYS, "days", "valid_from", "reason", "version"])

    def week_fields(self) -> list[Any]:
        """The seven lines, for the page."""
        return [self[name] for name in WEEKDAYS]

    def clean_days(self) -> list[dict[str, Any]]:
        lines = [line.strip() for line in self.cleaned_data["days"].splitlines() if line.strip()]
        if len(lines) > MAX_DAYS:
            raise ValidationError(_("At most %(most)d dates.") % {"most": MAX_DAYS})
        return [day_read(line) for line in lines]

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        words = {name: value for name, value in self.cleaned_data.items() if name not in WEEKDAYS}
        words["week"] = {
            name: self.cleaned_data[name].replace(",", " ").split() for name in WEEKDAYS if self.cleaned_data[name]
        }
        return words


class NewCalendarForm(CalendarForm):
    zone = forms.ChoiceField(
        label=lazy("Zone"), choices=zone_choices, help_text=lazy("It does not change: clocks of the past need it.")
    )
    version = None  # type: ignore[assignment]  # how Django's forms drop a field
    valid_from = None  # type: ignore[assignment]
    reason = None  # type: ignore[assignment]


class ImportForm(Form):
    """Where holidays come from: a country, or an ICS file."""

    country = forms.CharField(label=lazy("Country"), max_length=8, required=False, help_text=lazy("Such as DE."))
    subdivision = forms.CharField(
        label=lazy("Part of it"), max_length=10, required=False, help_text=lazy("Such as BE.")
    )
    year = forms.IntegerField(label=lazy("From year"), min_value=2000, max_value=2100)
    years = forms.IntegerField(label=lazy("Years"), min_value=1, max_value=10, initial=2)
    file = forms.FileField(label=lazy("Or an ICS file"), required=False, allow_empty_file=False)

    def clean_file(self) -> str:
        sent = self.cleaned_data["file"]
        if sent is None:
            return ""
        if sent.size > MAX_TEXT:
            raise ValidationError(_("The file is larger than %(most)d bytes.") % {"most": MAX_TEXT})
        text: str = sent.read().decode("utf-8-sig", "replace")
        return text

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("country") and not said.get("file") and not self.errors:
            raise ValidationError(_("Name a country, or choose a file."))
        return said

    def said(self) -> dict[str, Any]:
        """As `operations.imported_days` takes it."""
        words, first = self.cleaned_data, self.cleaned_data["year"]
        return {
            "country": words["country"], "subdivision": words["subdivision"], "ics": words["file"],
            "years": list(range(first, first + words["years"])),
            "first": date(first, 1, 1), "last": date(first + words["years"] - 1, 12, 31),
        }  # fmt: skip


def import_form(data: Any = None, files: Any = None) -> ImportForm:
    """Begins with this year."""
    return ImportForm(data, files, initial={"year": timezone.localdate().year, "years": 2})


def as_typed(version: CalendarVersion, record_version: int) -> dict[str, Any]:
    """What the edit form begins with."""
    week = {name: " ".join(version.week.get(name, ())) for name in WEEKDAYS}
    return {"name": version.calendar.name, "days": days_typed(version.days), "version": record_version, **week}
