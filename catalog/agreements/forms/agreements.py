"""Agreements as people type them: times as `4 h`, levels a line each."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalog.agreements.models import CHANNELS, METRIC_WORDS, METRICS, Agreement, AgreementVersion, Offering
from catalog.agreements.operations import CONDITIONS
from catalog.services.models import Service
from catalog.services.vocabulary import Tier
from itsm.accounts.models import Team
from itsm.clocks import durations
from itsm.clocks.models import Calendar
from itsm.forms import Form, instant_box

PRIORITIES = [(number, f"P{number}") for number in range(1, 6)]
REASONS = [
    ("caller", lazy("the caller")), ("vendor", lazy("a vendor")), ("change", lazy("a change")),
    ("problem", lazy("a problem")), ("other", lazy("something else")),
]  # fmt: skip

_MORE = ("agreement_type", "party", "position", "valid_from", "valid_until", "pauses", "warn", "on_reopen", "levels")


def _any(choices: Any) -> list[tuple[Any, Any]]:
    return [("", lazy("any")), *choices]


def _number(value: str) -> int | None:
    return int(value) if value else None


class OfferingChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # no parameters at runtime
    """Offerings with the service that each belongs to."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.service.name}: {obj.name}"


class SubjectForm(Form):
    """What an agreement is looked for."""

    service = forms.ModelChoiceField(
        Service.objects.order_by("name"), label=lazy("Service"), required=False, empty_label=lazy("any")
    )
    offering = OfferingChoice(
        Offering.objects.living().select_related("service").order_by("service__name", "name"),
        label=lazy("Offering"), required=False, empty_label=lazy("any"),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        Team.objects.filter(retired_at=None).order_by("name"), label=lazy("Team"), required=False,
        empty_label=lazy("any"),
    )  # fmt: skip
    priority = forms.TypedChoiceField(
        label=lazy("Priority"), choices=_any(PRIORITIES), required=False, coerce=_number, empty_value=None
    )
    category = forms.CharField(
        label=lazy("Category"), max_length=200, required=False, help_text=lazy("Such as Network / VPN.")
    )
    channel = forms.ChoiceField(
        label=lazy("Channel"), choices=_any([(name, name) for name in CHANNELS]), required=False
    )  # fmt: skip


class AgreementForm(SubjectForm):
    """Conditions and terms."""

    name = forms.CharField(label=lazy("Name"), max_length=80)
    agreement_type = forms.ChoiceField(label=lazy("Kind"), choices=Agreement.Type.choices, initial=Agreement.Type.SLA)
    party = forms.CharField(label=lazy("Agreed with"), max_length=120, required=False)
    position = forms.IntegerField(
        label=lazy("Position"), min_value=0, max_value=32_000, initial=100,
        help_text=lazy("Among agreements for the same, the first that matches holds, the lowest number first."),
    )  # fmt: skip
    tier = forms.TypedChoiceField(
        label=lazy("Tier"), choices=_any(Tier.choices), required=False, coerce=_number, empty_value=None
    )
    calendar = forms.ModelChoiceField(
        Calendar.objects.order_by("name"), label=lazy("Calendar"), required=False,
        empty_label=lazy("every second, day and night"),
    )  # fmt: skip
    valid_from = forms.DateTimeField(label=lazy("Valid from"), required=False, widget=instant_box())
    valid_until = forms.DateTimeField(
        label=lazy("Valid until"), required=False, widget=instant_box(),
        help_text=lazy("What began under it keeps it."),
    )  # fmt: skip
    availability = forms.DecimalField(
        label=lazy("Availability in per cent"), required=False, max_digits=9, decimal_places=7, min_value=0,
        max_value=100, localize=False, widget=forms.TextInput(attrs={"placeholder": "99.5", "inputmode": "decimal"}),
    )  # fmt: skip
    pauses = forms.MultipleChoiceField(
        label=lazy("The resolve clock pauses while it waits for"), choices=REASONS, required=False, initial=["caller"],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    warn = forms.CharField(
        label=lazy("Warn at per cent"), max_length=40, required=False, initial="50 75", help_text=lazy("Such as 50 75.")
    )
    on_reopen = forms.ChoiceField(
        label=lazy("Reopened, the resolve clock"), choices=AgreementVersion.OnReopen.choices
    )  # fmt: skip
    levels = forms.CharField(
        label=lazy("After the due"), required=False, max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text=lazy("A line each: 30 min lead, or 2 h lead team > network to raise it to a team as well."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for metric in METRICS:
            self.fields[metric] = forms.CharField(
                label=METRIC_WORDS[metric], max_length=20, required=False,
                widget=forms.TextInput(attrs={"placeholder": "4 h"}),
            )  # fmt: skip
        self.order_fields(["name", "calendar", *METRICS, "availability", *CONDITIONS, *_MORE])

    def target_fields(self) -> list[Any]:
        """The times, for the page."""
        return [self[metric] for metric in METRICS]

    def condition_fields(self) -> list[Any]:
        """What it is for, for the page."""
        return [self[name] for name in CONDITIONS]

    @property
    def more_is_wrong(self) -> bool:
        """Whether something is wrong with what the page folds away."""
        return any(name in self.errors for name in _MORE) or bool(self.non_field_errors())

    def clean_availability(self) -> Decimal | None:
        """As a share."""
        percent: Decimal | None = self.cleaned_data["availability"]
        return None if percent is None else percent / 100

    def clean_warn(self) -> list[int]:
        try:
            return [int(word) for word in self.cleaned_data["warn"].replace("%", " ").replace(",", " ").split()]
        except ValueError as error:
            raise ValidationError(_("Write whole per cents, such as 50 75.")) from error

    def clean_levels(self) -> list[dict[str, Any]]:
        return [_level(line) for line in self.cleaned_data["levels"].splitlines() if line.strip()]

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        words = {name: value for name, value in self.cleaned_data.items() if name not in METRICS}
        words["targets"] = {name: self.cleaned_data[name] for name in METRICS if self.cleaned_data[name]}
        return words


class NewAgreementForm(AgreementForm):
    version = None  # type: ignore[assignment]  # how Django's forms drop a field


def _level(line: str) -> dict[str, Any]:
    """`2 h lead team > network`."""
    said, _arrow, raise_to = line.partition(">")
    said_words = said.split()
    tell = [word for word in said_words if word.isalpha() and word not in ("h", "min")]
    time = " ".join(word for word in said_words if word not in tell)
    try:
        hours, _colon, minutes = time.partition("h")
        after = int(hours) * 60 + int(minutes.replace("min", "") or 0) if _colon else int(time.replace("min", ""))
    except ValueError as error:
        raise ValidationError(
            _("“%(line)s” does not begin with a time such as 30 min.") % {"line": line[:40]}
        ) from error
    return {"after_minutes": after, "tell": tell, "raise_to": raise_to.strip()}


def levels_typed(levels: Any) -> str:
    """One line a level."""
    return "\n".join(_level_typed(one) for one in levels)


def _level_typed(level: Any) -> str:
    raised = f"> {level['raise_to']}" if level["raise_to"] else ""
    return " ".join(part for part in (durations.written(level["after_minutes"]), *level["tell"], raised) if part)


def as_typed(agreement: Agreement, held: AgreementVersion) -> dict[str, Any]:
    """What the edit form begins with."""
    columns = (
        "name", "agreement_type", "party", "position", "service", "offering", "tier", "team", "priority", "category",
        "valid_from", "valid_until",
    )  # fmt: skip
    return {
        **{name: getattr(agreement, name) for name in columns},
        "channel": agreement.channel, "version": agreement.version, "calendar": held.calendar,
        "pauses": held.pauses, "warn": " ".join(map(str, held.warn)), "on_reopen": held.on_reopen,
        "levels": levels_typed(held.levels),
        "availability": None if held.availability is None else f"{(held.availability * 100).normalize():f}",
        **{metric: durations.written(minutes) for metric, minutes in held.targets.items()},
    }  # fmt: skip
