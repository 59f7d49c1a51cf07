"""What pages of routes are filled in with."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from incidents.escalation.models import EscalationRoute
from incidents.escalation.vocabulary import Preset
from itsm.accounts.queues import visible_queues
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.paging.models import EscalationPolicy
from itsm.paging.vocabulary import Urgency

DAYS = [
    ("0", lazy("Monday")), ("1", lazy("Tuesday")), ("2", lazy("Wednesday")), ("3", lazy("Thursday")),
    ("4", lazy("Friday")), ("5", lazy("Saturday")), ("6", lazy("Sunday")),
]  # fmt: skip
_ANY = [("", lazy("any"))]


def _policies(actor: Actor) -> Any:
    return EscalationPolicy.objects.visible_to(actor).standing().order_by("name")


class RouteForm(Form):
    """A line of the table. What is left empty always holds."""

    service: Any = forms.ModelChoiceField(
        label=lazy("Service"), queryset=None, required=False, to_field_name="slug", empty_label=lazy("any")
    )
    team: Any = forms.ModelChoiceField(
        label=lazy("Queue"), queryset=None, required=False, to_field_name="slug", empty_label=lazy("any")
    )
    urgency = forms.ChoiceField(label=lazy("Urgency"), choices=[*_ANY, *Urgency.choices], required=False)
    days = forms.MultipleChoiceField(
        label=lazy("Days"), choices=DAYS, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=lazy("None ticked: every day."),
    )  # fmt: skip
    between_from = forms.TimeField(
        label=lazy("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    between_to = forms.TimeField(
        label=lazy("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    zone = forms.CharField(label=lazy("Time zone"), max_length=64, initial="UTC")
    policy: Any = forms.ModelChoiceField(label=lazy("Escalation policy"), queryset=None, to_field_name="slug")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, actor: Actor, services: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["service"].queryset, fields["team"].queryset = services, visible_queues(actor)
        fields["policy"].queryset = _policies(actor)

    def clean_days(self) -> list[int]:
        return [int(one) for one in self.cleaned_data["days"]]

    def said(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class PresetForm(Form):
    preset = forms.ChoiceField(label=lazy("Who is first?"), choices=Preset.choices)
    service: Any = forms.ModelChoiceField(label=lazy("Service"), queryset=None, to_field_name="slug")
    builders: Any = forms.ModelChoiceField(label=lazy("Policy of its builders"), queryset=None, to_field_name="slug")
    operations: Any = forms.ModelChoiceField(label=lazy("Policy of operations"), queryset=None, to_field_name="slug")
    zone = forms.CharField(label=lazy("Time zone"), max_length=64, initial="UTC")

    def __init__(self, actor: Actor, services: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["service"].queryset = services
        fields["builders"].queryset = fields["operations"].queryset = _policies(actor)


class BenchForm(Form):
    """Which route an incident would take."""

    service: Any = forms.ModelChoiceField(
        label=lazy("Service"), queryset=None, required=False, to_field_name="slug", empty_label=lazy("none")
    )
    team: Any = forms.ModelChoiceField(label=lazy("Queue"), queryset=None, to_field_name="slug")
    urgency = forms.ChoiceField(label=lazy("Urgency"), choices=Urgency.choices)

    def __init__(self, actor: Actor, services: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["service"].queryset, fields["team"].queryset = services, visible_queues(actor)


def as_typed(route: EscalationRoute) -> dict[str, Any]:
    return {
        "service": route.service and route.service.slug, "team": route.team and route.team.slug,
        "urgency": route.urgency, "days": [str(one) for one in route.days], "between_from": route.between_from,
        "between_to": route.between_to, "zone": route.zone, "policy": route.policy.slug, "version": route.version,
    }  # fmt: skip
