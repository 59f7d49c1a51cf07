"""Shapes of what people type about objectives. Targets are typed in percent, as people say them."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import Service, slug_shape
from slo.engine.windows import LONGEST_WINDOW_DAYS, SHORTEST_WINDOW_DAYS
from slo.models import Indicator, Objective

_QUERY = {"rows": 2, "class": "mono", "spellcheck": "false"}


class TermsForm(forms.Form):
    """What may be changed later."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What users notice, such as: Checkout answers without an error.")
    )
    target = forms.DecimalField(
        label=_("Target (%)"), min_value=0, max_value=100, max_digits=10, decimal_places=7, initial=Decimal("99.9"),
        help_text=_("Of all events, how many must be good. 99.9 leaves a budget of one in a thousand."),
    )  # fmt: skip
    window_days = forms.IntegerField(
        label=_("Window (days)"), min_value=SHORTEST_WINDOW_DAYS, max_value=LONGEST_WINDOW_DAYS, initial=28
    )
    gating = forms.BooleanField(label=_("It decides about changes"), required=False, initial=True)

    def clean_target(self) -> Decimal:
        percent: Decimal = self.cleaned_data["target"]
        return percent / 100


class EditObjectiveForm(TermsForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class NewObjectiveForm(TermsForm):
    slug = forms.CharField(
        label=_("Slug"),
        max_length=63,
        validators=[slug_shape],
        help_text=_("Its key in addresses; it does not change."),
    )
    service = forms.ModelChoiceField(label=_("Service"), queryset=Service.objects.none(), to_field_name="slug")
    environment = forms.CharField(label=_("Environment"), max_length=63, initial="production", validators=[slug_shape])
    indicator = forms.CharField(
        label=_("Indicator"),
        max_length=63,
        validators=[slug_shape],
        help_text=_("Its slug: one that is there, or a new one."),
    )
    source = forms.ChoiceField(
        label=_("Where its measurements come from"), choices=Indicator.Source.choices, widget=forms.RadioSelect,
        initial=Indicator.Source.PUSH,
    )  # fmt: skip
    server_url = forms.CharField(
        label=_("Prometheus address"), max_length=300, required=False,
        widget=forms.URLInput(attrs={"placeholder": "http://prometheus:9090"}),
    )  # fmt: skip
    good_query = forms.CharField(
        label=_("Good events per minute (PromQL)"), max_length=4000, required=False, widget=forms.Textarea(attrs=_QUERY)
    )
    total_query = forms.CharField(
        label=_("All events per minute (PromQL)"), max_length=4000, required=False, widget=forms.Textarea(attrs=_QUERY)
    )

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]

    def definition(self) -> dict[str, Any]:
        """The indicator as the operation takes it."""
        said = self.cleaned_data
        parts = ("source", "server_url", "good_query", "total_query")
        return {"slug": said["indicator"], **{name: said[name] for name in parts}}

    def terms(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            name: said[name] for name in ("slug", "name", "service", "environment", "target", "window_days", "gating")
        }


def as_typed(objective: Objective) -> dict[str, Any]:
    """What the edit form begins with."""
    return {
        "name": objective.name,
        "target": f"{(objective.target * 100).normalize():f}",
        "window_days": objective.window_days,
        "gating": objective.gating,
        "version": objective.version,
    }
