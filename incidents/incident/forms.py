"""Shapes of what people type about incidents."""

from collections.abc import Iterable, Mapping, Sequence
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
from itsm.work.linking import Relation
from itsm.work.models import View
from itsm.work.time_limits import MAX_MINUTES, MAX_NOTE

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
    major = forms.BooleanField(label=_("Major incident: all hands, changes on this service wait"), required=False)

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
    major = forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))], coerce=lambda text: text == "yes", required=False
    )
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
        for name in ("title", "priority", "major", "team", "impact", "urgency"):
            if name in self.data and said.get(name) in ("", None):
                self.add_error(name, _("This may not be empty."))
        return said

    def sent(self) -> dict[str, Any]:
        """The fields that were in the request, and the version that was read."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}


class ParentForm(Form):
    """Empty: it is nobody's child any more."""

    parent = forms.CharField(label=_("Parent"), max_length=20, required=False)


class TaskForm(Form):
    title = forms.CharField(label=_("What is to do?"), max_length=200)
    mandatory = forms.BooleanField(label=_("Before it is resolved"), required=False)
    assigned_to = forms.ModelChoiceField(label=_("Who?"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assigned_to"].queryset = assignable()  # type: ignore[attr-defined]


class WatchForm(Form):
    """Without a person: oneself."""

    user = forms.ModelChoiceField(
        label=_("Who?"), queryset=User.objects.none(), required=False, to_field_name="username"
    )
    share = forms.BooleanField(label=_("Share it: they will read its public side"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
        self.fields["user"].queryset = people  # type: ignore[attr-defined]


class LinkForm(Form):
    relation = forms.ChoiceField(label=_("This one"), choices=Relation.choices)
    to = forms.CharField(label=_("Record"), max_length=20)


class TimeForm(Form):
    """One's own time on it; without a day: today."""

    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=MAX_MINUTES)
    note = forms.CharField(label=_("What was done"), max_length=MAX_NOTE, required=False)
    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def sent(self) -> dict[str, Any]:
        """What was said; a day only where one was."""
        return {name: value for name, value in self.cleaned_data.items() if name != "day" or value is not None}


class NoteForm(Form):
    """Private unless the reply button was used: Ctrl+Enter never tells a reporter by accident.

    `seen`: the newest note on the page that it was written on.
    """

    text = forms.CharField(label=_("Note"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}))
    reply = forms.BooleanField(required=False)
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**62)

    def __init__(self, *args: Any, with_files: bool = False, **kwargs: Any) -> None:
        """`with_files`: they may stand without words."""
        super().__init__(*args, **kwargs)
        self.fields["text"].required = not with_files


def as_begun(template: Template, actor: Actor) -> dict[str, Any]:
    """What the form of a new incident begins with, of what a template fills in."""
    values = prefilled(template, actor)
    return {name: getattr(value, "slug", value) if name == "service" else value for name, value in values.items()}


def as_typed(incident: Incident) -> dict[str, Any]:
    return {
        "title": incident.title, "description": incident.description, "category": incident.category_id,
        "labels": incident.labels, "version": incident.version,
    }  # fmt: skip


class ColumnsForm(Form):
    """Which columns a list has, and in which order: a place in front of each; without a place it is not shown.

    `known`: key to name of those that there are; `chosen`: those that are shown now, in their order.
    """

    PLACE = "column."

    def __init__(self, known: Mapping[str, Any], chosen: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = {key: place for place, key in enumerate(chosen, start=1)}
        for key, name in known.items():
            box = forms.NumberInput(attrs={"class": "place", "min": 1, "max": 99})
            self.fields[self.PLACE + key] = forms.IntegerField(
                label=name, min_value=1, max_value=99, required=False, widget=box, initial=places.get(key)
            )

    def columns(self) -> list[str]:
        """The chosen keys by their places, once the form is valid; equal places as they stand on the page."""
        said = [(place, name) for name, place in self.cleaned_data.items() if name.startswith(self.PLACE) and place]
        return [name.removeprefix(self.PLACE) for _place, name in sorted(said, key=lambda one: one[0])]

    def places(self) -> list[Any]:
        """The boxes: what is shown first, in its order."""
        boxes = [self[name] for name in self.fields if name.startswith(self.PLACE)]
        return sorted(boxes, key=lambda box: int(box.initial or 99))


class ViewForm(ColumnsForm):
    """A name for what a list shows."""

    name = forms.CharField(label=_("Name"), max_length=60)
    query = forms.CharField(
        label=_("What it shows"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Terms joined by &: state=open&priority=1,2&due=..+4h. Empty: all that the reader sees."),
    )  # fmt: skip
    sort = forms.ChoiceField(label=_("Order"), choices=[], required=False)
    layout = forms.ChoiceField(label=_("Layout"), choices=View.Layout.choices)
    group_by = forms.ChoiceField(label=_("A board is grouped by"), choices=[], required=False)
    share = forms.ChoiceField(label=_("Who sees it"), choices=View.Share.choices)
    team = forms.ModelChoiceField(
        label=_("Which team"), queryset=Team.objects.none(), required=False, empty_label=_("none")
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, actor: Actor, sorts: Iterable[Any], groups: Iterable[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sort"].choices = list(sorts)  # type: ignore[attr-defined]
        self.fields["group_by"].choices = [("", "\N{EN DASH}"), *groups]  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.filter(pk__in=sorted(actor.teams))  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """What the form says of the view."""
        names = ("name", "query", "sort", "layout", "group_by", "share", "team")
        return {**{name: self.cleaned_data[name] for name in names}, "columns": self.columns()}


class CategoryForm(Form):
    """A category: its name, what it lies under, and where new ones go."""

    name = forms.CharField(label=_("Name"), max_length=80)
    parent: Any = forms.ModelChoiceField(label=_("Under"), queryset=None, required=False, empty_label=_("the top"))
    team: Any = forms.ModelChoiceField(
        label=_("Queue of new ones"), queryset=None, required=False, to_field_name="slug",
        empty_label=_("as the service says"),
    )  # fmt: skip

    def __init__(self, queues: "QuerySet[Team]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Category.objects.filter(retired_at=None, depth__lt=3)  # type: ignore[attr-defined]
        self.fields["team"].queryset = queues  # type: ignore[attr-defined]


class MatrixForm(Form):
    """The nine priorities, `c0` to `c8`, and the version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2_000_000_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = [str(level.label) for level in Level]
        for place in range(9):
            label = _("Impact %(impact)s, urgency %(urgency)s") % {
                "impact": levels[place // 3], "urgency": levels[place % 3],
            }  # fmt: skip
            self.fields[f"c{place}"] = forms.TypedChoiceField(
                label=label, coerce=int, choices=[(one, f"P{one}") for one in Priority.values],
                widget=forms.Select(attrs={"class": "form-select"}),
            )  # fmt: skip

    @staticmethod
    def as_typed(matrix: Any) -> dict[str, int]:
        return {"version": matrix.version, **{f"c{place}": cell for place, cell in enumerate(matrix.cells)}}

    def cells(self) -> list[int]:
        return [self.cleaned_data[f"c{place}"] for place in range(9)]

    def grid(self) -> list[tuple[str, list[Any]]]:
        """The boxes row by row, each with its impact."""
        return [(str(level.label), [self[f"c{3 * row + n}"] for n in range(3)]) for row, level in enumerate(Level)]
