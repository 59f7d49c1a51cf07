"""The terms of an objective: target, method, window, alerts."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.environments.forms import EnvironmentField
from itsm.accounts.forms import time_zones
from itsm.slugs import slug_shape
from slo.engine.calendars import Calendar
from slo.engine.methods import SLICE_MINUTES, Method, MissingSlices
from slo.engine.windows import ALERT_ROWS, LONGEST_WINDOW_DAYS, SHORTEST_WINDOW_DAYS, BudgetBasis
from slo.measuring.forms.measures import COMPOSITE, EXISTING, MeasureForm
from slo.measuring.forms.parts import OF_THE_NAME, PercentField, SlugFromName, in_percent
from slo.measuring.models import DataSource
from slo.measuring.vocabulary import BUDGET_BASES, METHODS, MISSING_SLICES
from slo.objectives.models import Objective

if TYPE_CHECKING:
    from catalog.models import Service

ROLLING, CALENDAR = "rolling", "calendar"


class ObjectiveForm(MeasureForm):
    """What may be changed later; `version` only for one that is there."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What users notice, such as: Checkout answers without an error.")
    )
    description = forms.CharField(
        label=_("Description"), max_length=1050, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    target = PercentField(
        label=_("Target (%)"), initial=Decimal("99.9"),
        help_text=_("How much must be good. 99.9 leaves a budget of one in a thousand."),
    )  # fmt: skip
    gating = forms.BooleanField(label=_("It decides about changes"), required=False, initial=True)
    method = forms.ChoiceField(
        label=_("What the budget counts"), choices=METHODS, required=False, widget=forms.RadioSelect,
        initial=Method.OCCURRENCES.value,
    )  # fmt: skip
    time_slice_target = PercentField(
        label=_("A slice is good from (%)"), required=False, initial=Decimal(99),
        help_text=_("Share of its events that must be good."),
    )  # fmt: skip
    time_slice_minutes = forms.TypedChoiceField(
        label=_("Minutes of a slice"), choices=[(one, one) for one in SLICE_MINUTES], coerce=int, required=False,
        initial=1, empty_value=None,
    )  # fmt: skip
    missing_slices = forms.ChoiceField(
        label=_("A slice without measurements is"), choices=MISSING_SLICES, required=False,
        initial=MissingSlices.EXCLUDED.value,
    )  # fmt: skip
    window = forms.ChoiceField(
        label=_("Window"), required=False, widget=forms.RadioSelect, initial=ROLLING,
        choices=[
            (ROLLING, _("Rolling: always the last so many days")),
            (CALENDAR, _("By the calendar: a fresh budget each period")),
        ],
    )  # fmt: skip
    window_days = forms.IntegerField(
        label=_("Days"), min_value=SHORTEST_WINDOW_DAYS, max_value=LONGEST_WINDOW_DAYS, initial=28, required=False,
        help_text=_("7 to 366; whole weeks hold every weekday equally often."),
    )  # fmt: skip
    calendar_count = forms.IntegerField(label=_("Every"), min_value=1, max_value=52, required=False, initial=1)
    calendar_unit = forms.ChoiceField(
        label=_("Unit"), choices=Objective.Unit.choices, required=False, initial=Objective.Unit.MONTH.value
    )
    calendar_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, required=False)
    calendar_start = forms.CharField(
        label=_("One period begins (local time)"), required=False, max_length=19,
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
        help_text=_("Empty: Mondays, or the first of the month, at midnight."),
    )  # fmt: skip
    budget_basis = forms.ChoiceField(
        label=_("The budget is a share of"), choices=BUDGET_BASES, required=False, widget=forms.RadioSelect,
        initial=BudgetBasis.FULL_WINDOW.value,
    )  # fmt: skip
    alerts = forms.ChoiceField(
        label=_("Burn alerts"), required=False, widget=forms.RadioSelect, initial="all",
        choices=[("all", _("Every row that can fire")), ("chosen", _("Only these"))],
    )  # fmt: skip
    alert_rows = forms.MultipleChoiceField(
        label=_("Rows"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(row.long, f"{row.long} / {row.short}") for row in ALERT_ROWS],
        initial=[row.long for row in ALERT_ROWS],
    )  # fmt: skip

    def __init__(self, *args: Any, sources: "QuerySet[DataSource] | None" = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["calendar_zone"].initial = timezone.get_current_timezone_name()
        if sources is not None:
            self.fields["data_source"].queryset = sources  # type: ignore[attr-defined]

    def clean_calendar_start(self) -> str:
        """The local time as it was typed: it belongs to the zone beside it, not to the reader's."""
        typed: str = self.cleaned_data["calendar_start"]
        try:
            return f"{datetime.fromisoformat(typed).replace(tzinfo=None):%Y-%m-%d %H:%M:%S}" if typed else ""
        except ValueError:
            raise ValidationError(gettext("Write it as 2026-04-01T00:00.")) from None

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("window") == CALENDAR:
            self._check_calendar(said)
        elif said.get("window_days") is None and "window_days" not in self.errors:
            self.add_error("window_days", ValidationError(gettext("Say how many days, 7 to 366.")))
        if said.get("method") == Method.TIMESLICES and not said.get("time_slice_target") and not self.is_composite:
            self.add_error("time_slice_target", ValidationError(gettext("Say from which share on a slice is good.")))
        return said

    def _check_calendar(self, said: dict[str, Any]) -> None:
        start = datetime.fromisoformat(said["calendar_start"]) if said.get("calendar_start") else None
        try:
            Calendar(
                said.get("calendar_unit") or "", said.get("calendar_count") or 1, said.get("calendar_zone") or "", start
            )
        except ValueError as error:
            self.add_error("calendar_zone" if "zone" in str(error) else "calendar_count", str(error))

    def terms(self) -> dict[str, Any]:
        """As the operations take them. What another choice made meaningless is left out."""
        said = self.cleaned_data
        found = {name: said[name] for name in ("name", "description", "target", "gating")}
        found["method"] = said["method"] or Method.OCCURRENCES.value
        sliced = found["method"] != Method.OCCURRENCES
        found["time_slice_minutes"] = (said["time_slice_minutes"] or 1) if sliced else None
        found["missing_slices"] = (said["missing_slices"] if sliced else "") or MissingSlices.EXCLUDED.value
        found["time_slice_target"] = said["time_slice_target"] if found["method"] == Method.TIMESLICES else None
        found["alert_rows"] = said["alert_rows"] if said["alerts"] == "chosen" else None
        return found | self._window()

    def _window(self) -> dict[str, Any]:
        said = self.cleaned_data
        basis = {"budget_basis": said["budget_basis"] or BudgetBasis.FULL_WINDOW.value}
        if said["window"] != CALENDAR:
            return {"calendar": None, "window_days": said["window_days"], "budget_basis": BudgetBasis.FULL_WINDOW.value}
        names = {"unit": "calendar_unit", "count": "calendar_count", "zone": "calendar_zone", "start": "calendar_start"}
        return {"calendar": {key: said[name] for key, name in names.items()}} | basis


class EditObjectiveForm(ObjectiveForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class NewObjectiveForm(SlugFromName, ObjectiveForm):
    slug = forms.CharField(
        label=_("Slug"), max_length=63, validators=[slug_shape], required=False,
        widget=forms.TextInput(attrs=OF_THE_NAME),
        help_text=_("Its key in addresses, made of the name; it does not change."),
    )  # fmt: skip
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, to_field_name="slug"
    )
    environment = EnvironmentField()
    gates_from = forms.DateTimeField(
        label=_("It decides from"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: as soon as it has an hour of measurements. Until then it tells, and decides nothing."),
    )  # fmt: skip

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]

    def taken(self, slug: str) -> bool:
        return Objective.objects.filter(slug=slug).exists()

    def terms(self) -> dict[str, Any]:
        return super().terms() | {
            name: self.cleaned_data[name] for name in ("slug", "service", "environment", "gates_from")
        }


def as_typed(objective: Objective) -> dict[str, Any]:
    """What the edit form begins with."""
    plain = (
        "name", "description", "gating", "version", "method", "missing_slices", "window_days", "budget_basis",
        "calendar_count",
    )  # fmt: skip
    begun: dict[str, Any] = {name: getattr(objective, name) for name in plain}
    begun |= {
        "target": in_percent(objective.target),
        "source": EXISTING if objective.indicator else COMPOSITE,
        "indicator": objective.indicator.slug if objective.indicator else "",
        "alerts": "all" if objective.alert_rows is None else "chosen",
    }
    if objective.time_slice_minutes:
        begun["time_slice_minutes"] = objective.time_slice_minutes
    if objective.time_slice_target is not None:
        begun["time_slice_target"] = in_percent(objective.time_slice_target)
    if objective.alert_rows is not None:
        begun["alert_rows"] = objective.alert_rows
    if objective.calendar_unit:
        begun |= {name: getattr(objective, name) for name in ("calendar_unit", "calendar_zone")} | {"window": CALENDAR}
    if objective.calendar_start:
        begun["calendar_start"] = objective.calendar_start.replace(" ", "T")[:16]
    return begun
