"""What the list shows, and views that are kept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import Team
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.work.models import View


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
