"""What an incident itself says."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import every_service
from incidents.incident.models import Category, Incident
from incidents.incident.vocabulary import Channel, Level, Priority
from itsm.accounts.models import Team, User
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.queues import nameable_queues
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.macros.models import Template
from itsm.macros.templates import prefilled
from itsm.work.label_field import LabelsField

if TYPE_CHECKING:
    from catalog.models import Service


def _categories(now: int | None = None) -> "QuerySet[Category]":
    """Those that may be chosen, by their path; beside them the one that a record has (`now`), retired or not."""
    return Category.objects.filter(Q(retired_at=None) | Q(pk=now)).order_by("path")


class NewIncidentForm(Form):
    """For everybody: one sentence is enough."""

    title = forms.CharField(
        label=_("What is wrong?"),
        max_length=160,
        widget=forms.TextInput(attrs={"placeholder": _("Checkout answers with an error"), "autofocus": True}),
    )
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Where?"), queryset=None, required=False, to_field_name="slug",
        empty_label=_("I do not know"),
    )  # fmt: skip
    description = forms.CharField(
        label=_("What did you do, and what did you see?"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Since when, how many people, and the exact words of an error help most."),
    )

    urgency = forms.TypedChoiceField(
        label=_("How soon does it hurt?"), coerce=int, initial=Level.MEDIUM.value, required=False,
        empty_value=None,
        choices=[
            (Level.HIGH.value, _("Now: I cannot work")),
            (Level.MEDIUM.value, _("Soon: I get along for a while")),
            (Level.LOW.value, _("Whenever it suits")),
        ],
    )  # fmt: skip

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]


class NewIncidentForResponders(NewIncidentForm):
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), required=False, empty_label=_("not known yet")
    )
    caller = forms.ModelChoiceField(
        label=_("For whom?"), queryset=User.objects.none(), required=False, empty_label=_("myself")
    )
    channel = forms.ChoiceField(
        label=_("How did they tell it?"), choices=Channel.choices, initial=Channel.PHONE.value, required=False
    )
    team = forms.ModelChoiceField(
        label=_("Queue"), queryset=Team.objects.none(), required=False, empty_label=_("as service and rules say")
    )
    impact = forms.TypedChoiceField(
        label=_("Impact"), choices=[("", _("as the service says")), *Level.choices], coerce=int, required=False,
        empty_value=None,
    )  # fmt: skip
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=[("", _("by the matrix")), *Priority.choices], coerce=int, required=False,
        empty_value=None,
    )  # fmt: skip
    labels = LabelsField()
    major = forms.BooleanField(
        label=_("Propose it as a major incident: all hands, changes on this service wait once it is accepted"),
        required=False,
    )

    def __init__(self, services: "QuerySet[Service]", queues: "QuerySet[Team]", *args: Any, **kwargs: Any) -> None:
        super().__init__(services, *args, **kwargs)
        self.fields["category"].queryset = _categories()  # type: ignore[attr-defined]
        self.fields["team"].queryset = queues  # type: ignore[attr-defined]
        self.fields["caller"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]


class EditForm(Form):
    """Some fields at a time: only those that were sent are changed."""

    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    description = forms.CharField(
        label=_("Description"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(queryset=None, required=False)
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), required=False, empty_label=_("none")
    )
    team = forms.ModelChoiceField(queryset=Team.objects.none(), required=False)
    impact = forms.TypedChoiceField(choices=Level.choices, coerce=int, required=False)
    urgency = forms.TypedChoiceField(choices=Level.choices, coerce=int, required=False)
    assigned_to = forms.ModelChoiceField(queryset=User.objects.none(), required=False)
    priority = forms.TypedChoiceField(choices=Priority.choices, coerce=int, required=False)
    labels = LabelsField()
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = nameable_queues(actor)  # type: ignore[attr-defined]
        self.fields["service"].queryset = every_service()  # type: ignore[attr-defined]
        self.fields["category"].queryset = _categories(self.initial.get("category"))  # type: ignore[attr-defined]
        self.fields["assigned_to"].queryset = assignable()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        for name in ("title", "priority", "team", "impact", "urgency"):
            if name in self.data and said.get(name) in ("", None):
                self.add_error(name, _("This may not be empty."))
        return said

    def sent(self) -> dict[str, Any]:
        """The fields that were in the request, and the version that was read."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}


def as_begun(template: Template, actor: Actor) -> dict[str, Any]:
    """What the form of a new incident begins with, of what a template fills in."""
    values = prefilled(template, actor)
    return {name: getattr(value, "slug", value) if name == "service" else value for name, value in values.items()}


def as_typed(incident: Incident) -> dict[str, Any]:
    return {
        "title": incident.title, "description": incident.description, "category": incident.category_id,
        "labels": incident.labels, "version": incident.version,
    }  # fmt: skip
