"""Boxes for what is proposed, so that a person can change it before they accept it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from itsm.proposals.models import LONGEST_VALUE, ProposalPart

_ONE_LINE = 160


class DismissForm(Form):
    """`why` is told to the agent."""

    why = forms.CharField(label=_("Why not?"), max_length=300, required=False)


class PartsForm(Form):
    """A box for each part that waits, filled with what is proposed. What JSON holds otherwise cannot be typed."""

    def __init__(self, parts: list[ProposalPart], *args: Any, **kwargs: Any) -> None:
        boxes = {f"value-{one.pk}": (one, _box(one.value)) for one in parts}
        self.parts = {name: one for name, (one, box) in boxes.items() if box is not None}
        initial = {name: _as_typed(one.value) for name, one in self.parts.items()}
        super().__init__(*args, **{**kwargs, "initial": initial})
        for name, (one, box) in boxes.items():
            if box is not None:
                box.label = one.label
                box.help_text = _("Now: %(value)s") % {"value": one.stood} if one.stood else ""
                self.fields[name] = box

    def changed_values(self) -> dict[str, Any]:
        """What was typed instead, by field."""
        found = {}
        for name, one in self.parts.items():
            value = _read(self.cleaned_data[name], one.value)
            if value != one.value:
                found[one.field] = value
        return found


def _box(value: Any) -> forms.Field | None:
    if isinstance(value, bool):
        return forms.BooleanField(required=False)
    if isinstance(value, int):
        return forms.IntegerField(required=False)
    if isinstance(value, str) and (len(value) > _ONE_LINE or "\n" in value):
        return forms.CharField(required=False, max_length=LONGEST_VALUE, widget=forms.Textarea(attrs={"rows": 8}))
    if value is None or isinstance(value, str | list):
        return forms.CharField(required=False, max_length=LONGEST_VALUE)
    return None


def _as_typed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _read(typed: Any, proposed: Any) -> Any:
    """As JSON has it, of the kind of what was proposed; an empty box takes the value away."""
    if isinstance(proposed, bool) or not isinstance(typed, str):
        return typed
    text = typed.replace("\r\n", "\n")
    if isinstance(proposed, list):
        return [one.strip() for one in text.split(",") if one.strip()]
    return text if text.strip() else None
