"""Categories and the priority matrix."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.incident.models import Category
from incidents.incident.vocabulary import Level, Priority
from itsm.accounts.models import Team
from itsm.forms import Form


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
