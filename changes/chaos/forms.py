"""What people type about chaos experiments."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.environments.forms import EnvironmentField
from changes.chaos.operations.planning import LEAST_STAKE, MOST_STAKE, Plan
from changes.chaos.vocabulary import Finding
from itsm.forms import Form, instant_box
from itsm.notifications.web_addresses import MAX_LENGTH, web_address

if TYPE_CHECKING:
    from catalog.models import Service


def _text(label: Any, rows: int, most: int = 4000, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


class ExperimentForm(Form):
    """A new experiment: the stake in percent, as people say it."""

    summary = forms.CharField(
        label=_("What is tried?"), max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("Checkout lives without one cache"), "autofocus": True}),
    )  # fmt: skip
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, to_field_name="slug"
    )
    environment = EnvironmentField()
    hypothesis = _text(
        _("Hypothesis"), 3, help_text=_("What is expected to go on working, in figures that can be wrong.")
    )
    blast_radius = _text(_("Blast radius"), 2, help_text=_("What is broken, and how much of it at the most."))
    stake = forms.DecimalField(
        label=_("Stake, percent of the budget"), min_value=LEAST_STAKE * 100, max_value=MOST_STAKE * 100,
        max_digits=6, decimal_places=4, initial=Decimal(2),
        help_text=_("So much is reserved of each gating budget of the service. Once it is burnt, it stops."),
    )  # fmt: skip
    abort_url = forms.CharField(
        label=_("Abort hook"), max_length=MAX_LENGTH, validators=[web_address],
        widget=forms.TextInput(attrs={"placeholder": "https://chaos.example.com/stop", "class": "mono"}),
        help_text=_("Called by POST within a minute, until it answers 2xx. After two minutes, people are."),
    )  # fmt: skip
    plan = _text(_("How it is done"), 4, 20_000)
    backout = _text(_("How it is stopped by hand"), 3, 20_000)
    window_start = forms.DateTimeField(label=_("Not before"), required=False, widget=instant_box())
    window_end = forms.DateTimeField(label=_("Done by"), required=False, widget=instant_box())

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("window_start")) != bool(said.get("window_end")):
            self.add_error("window_end", _("A window has a beginning and an end."))
        return said

    def planned(self) -> Plan:
        """What is planned, of a form that is valid."""
        said = dict(self.cleaned_data)
        window = (said.pop("window_start"), said.pop("window_end"))
        return Plan(**said | {"stake": said["stake"] / 100, "window": window if all(window) else None})


class AbortForm(Form):
    """Why it is stopped."""

    because = forms.CharField(label=_("Why is it stopped?"), max_length=500)


class ConcludeForm(Form):
    """What became of the hypothesis."""

    finding = forms.ChoiceField(
        label=_("The hypothesis"), choices=[one for one in Finding.choices if one[0]], widget=forms.RadioSelect
    )
    shown = _text(_("What did it show?"), 4)


class ProblemForm(Form):
    """What it found, as a problem is stated."""

    statement = forms.CharField(label=_("What was found?"), max_length=200)
