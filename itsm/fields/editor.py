"""What an administrator types about a field: words, who sees it, rules by its type, and options line by line."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.models import Role
from itsm.fields import rules
from itsm.fields.kinds import from_text, to_text
from itsm.fields.models import Field
from itsm.fields.owners import first, owner_of
from itsm.fields.shapes import SHAPES
from itsm.fields.vocabulary import NUMBERS, REFERENCES, WIDENS, WITH_OPTIONS, Required, Type
from itsm.forms import Form
from itsm.slugs import slug_of

RULE = "rule_"


class FieldForm(Form):
    """A new field, or one as it is edited: then the key stays, and the type may only widen."""

    label = forms.CharField(label=lazy("Label"), max_length=80, help_text=lazy("As people read it; it changes freely."))
    key = forms.RegexField(
        label=lazy("Key"),
        regex=r"^[a-z][a-z0-9_]{0,39}\Z",
        required=False,
        help_text=lazy("REST, CSV and filters name it so for good. Empty: made of the label."),
        error_messages={"invalid": lazy("Lower-case letters, digits and '_', at most 40, beginning with a letter.")},
    )
    type = forms.ChoiceField(label=lazy("Type"), choices=Type.choices)
    help = forms.CharField(label=lazy("Help"), max_length=300, required=False)
    section = forms.CharField(label=lazy("Section"), max_length=60, required=False)
    position = forms.IntegerField(
        label=lazy("Position"),
        min_value=0,
        max_value=32_000,
        required=False,
        help_text=lazy("The lowest stands first."),
    )
    required = forms.ChoiceField(label=lazy("Required"), choices=Required.choices, initial=Required.NEVER.value)
    recommended = forms.BooleanField(label=lazy("Recommended: health tells where it is empty"), required=False)
    requester_sees = forms.BooleanField(label=lazy("Requesters see it"), required=False)
    requester_fills = forms.BooleanField(label=lazy("Requesters fill it in when they report"), required=False)
    personal = forms.BooleanField(
        label=lazy("Personal: it goes when the person is erased, and stands in no CSV file"), required=False
    )
    filterable = forms.BooleanField(label=lazy("Lists filter by it"), required=False, initial=True)
    options = forms.CharField(
        label=lazy("Options"),
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=lazy("One a line: a label, or key = label. What is taken out is retired, and still read."),
    )
    default = forms.CharField(
        label=lazy("Default"), required=False, max_length=10_000, help_text=lazy("As a CSV file would have it.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, field: Field | None = None, type_: str = "", owner: str = "", **kwargs: Any) -> None:
        """`field`: the one that is edited; `type_` and `owner`: of a new one, where they were chosen already."""
        super().__init__(*args, **kwargs)
        self.field = field
        if field is not None:
            del self.fields["key"]
            self._offer([field.type, *([WIDENS[field.type]] if field.type in WIDENS else [])])
        else:
            del self.fields["version"]
            if type_:
                self._offer([type_])
        self.of_type = field.type if field is not None else type_
        if self.of_type not in WITH_OPTIONS:
            del self.fields["options"]
        if not owner_of(field.set.owner if field is not None else owner or first()).recommends:
            del self.fields["recommended"]
        if self.of_type in REFERENCES:
            del self.fields["default"]
        for name in rules.known(self.of_type):
            self.fields[RULE + name] = rule_input(name, self.of_type)

    def _offer(self, types: list[str]) -> None:
        choice = self.fields["type"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [(value, label) for value, label in Type.choices if value in types]

    def clean_options(self) -> list[dict[str, str]]:
        """The lines as {key, label}; a label alone has the key of the option of that label, or one made of it."""
        known = {one.label: one.key for one in self.field.options.all()} if self.field is not None else {}
        found = []
        for line in self.cleaned_data["options"].splitlines():
            key, has_key, label = (part.strip() for part in line.partition("="))
            if line.strip():
                label = label if has_key else key
                found.append({"key": key if has_key else known.get(label) or _key_of(label), "label": label})
        if not found:
            raise ValidationError(_("Write at least one."))
        return found

    def said(self) -> dict[str, Any]:
        """As the operations take it."""
        given = {name: value for name, value in self.cleaned_data.items() if not name.startswith(RULE)}
        given["rules"] = rules_said(self.cleaned_data)
        if given.get("position") is None:
            given.pop("position", None)
        if "key" in given:
            given["key"] = given["key"] or _key_of(given["label"])
        if "default" in given:
            text = given["default"].strip()
            given["default"] = from_text(given["type"], text) if text else None
        return given


def rules_said(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The rules among what was typed, by name; those left empty are none."""
    return {
        name.removeprefix(RULE): value.split() if name == f"{RULE}hosts" else value
        for name, value in cleaned.items()
        if name.startswith(RULE) and not (value is None or value is False or value == "")
    }


def rule_input(name: str, type_: str) -> forms.Field:
    """The input of one rule, by its name."""
    label = _RULES[name]
    if name in {"not_past", "not_future"}:
        return forms.BooleanField(label=label, required=False)
    if name in {"max_length", "scale"}:
        return forms.IntegerField(label=label, min_value=0, required=False)
    if name in _CHOSEN:
        return forms.ChoiceField(label=label, choices=[("", "–"), *_CHOSEN[name]], required=False)
    if name in {"min", "max"} and type_ not in NUMBERS:
        shape = "2026-11-28" if type_ == Type.DATE else "2026-11-28T14:05:00Z"
        return forms.CharField(
            label=label, max_length=40, required=False, widget=forms.TextInput(attrs={"placeholder": shape})
        )
    return forms.CharField(label=label, max_length=5000, required=False)


_RULES = {
    "max_length": lazy("At most so many characters"),
    "prefix": lazy("Must begin with"),
    "shape": lazy("Looks like"),
    "min": lazy("Not below"),
    "max": lazy("Not above"),
    "scale": lazy("Digits after the point"),
    "accept": lazy("Only these files"),
    "not_past": lazy("Not in the past"),
    "not_future": lazy("Not in the future"),
    "role": lazy("Only people with the role"),
    "team": lazy("Only members of the team (its short name)"),
    "class": lazy("Only items of the class (its key), or of one below it"),
    "hosts": lazy("Only on these hosts, parted by blanks"),
}
_CHOSEN: dict[str, list[tuple[Any, Any]]] = {
    "accept": [
        ("picture", lazy("pictures")),
        ("pdf", "PDF"),
        ("picture_or_pdf", lazy("pictures and PDF")),
    ],
    "shape": [(name, words) for name, (words, _fits) in SHAPES.items()],
    "role": [(role.value, role.label) for role in Role],
}


def as_typed(field: Field) -> dict[str, Any]:
    """A field as its form holds it."""
    plain = ("label", "type", "help", "section", "position", "required", "recommended", "requester_sees",
             "requester_fills", "personal", "filterable", "version")  # fmt: skip
    options = [f"{one.key} = {one.label}" for one in field.options.all() if one.retired_at is None]
    rules_ = {RULE + name: " ".join(rule) if isinstance(rule, list) else rule for name, rule in field.rules.items()}
    default = to_text(field.defined(), field.default, lambda _type, pk: str(pk))
    return {
        **{name: getattr(field, name) for name in plain},
        "options": "\n".join(options),
        "default": default,
        **rules_,
    }


def _key_of(label: str) -> str:
    return slug_of(label).replace("-", "_").lstrip("0123456789_")[:40].rstrip("_")
