"""The one builder of inputs for typed fields: records are created, edited and previewed with the same ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.fields import kinds, values
from itsm.fields.models import Field
from itsm.fields.queries import Names
from itsm.fields.references import reference_of
from itsm.fields.vocabulary import REFERENCES, Required, Type
from itsm.kernel.actors import Actor

_MOST_OFFERED = 300
_LOCAL = "%Y-%m-%dT%H:%M"
PREFIX = "attributes."


class TypedInput(forms.Field):
    """The input of one field. What is cleaned is the value as JSON has it; one that nobody touched is not judged."""

    def __init__(self, field: Field, actor: Actor, kept: Any, name: str, *, creating: bool) -> None:
        """`kept`: what stands in the record; `name`: of the record that it points to, in REST."""
        self.typed, self.actor, self.kept = field, actor, kept
        self.stood = _as_typed(field, kept, name)
        super().__init__(
            label=field.label,
            help_text=field.help,
            required=field.required == Required.CREATE and (creating or kept is not None),
            initial=self.stood,
            widget=_widget(field, actor, kept, name),
        )

    def clean(self, value: Any) -> Any:
        raw = self._raw(value)
        if self.touched(value) or self.required:
            super().validate(raw)
        if self.touched(value):
            try:
                values.judged(self.typed, raw, actor=self.actor, before=self.kept)
            except ValueError as error:
                raise ValidationError(str(error)) from error
        return raw

    def touched(self, value: Any) -> bool:
        """Whether what was typed is something else than what stood there."""
        if isinstance(value, list):
            return sorted(map(str, value)) != sorted(self.stood or [])
        return str(value or "").replace("\r\n", "\n").strip() != str(self.stood or "").strip()

    def _raw(self, value: Any) -> Any:
        if value in (None, "", []):
            return None
        if self.typed.type == Type.INSTANT:
            moment = forms.DateTimeField(input_formats=[_LOCAL, f"{_LOCAL}:%S"]).clean(str(value))
            return kinds.written(moment)
        return value if isinstance(value, list) else kinds.from_text(self.typed.type, str(value))


def _as_typed(field: Field, kept: Any, name: str) -> Any:
    """A value that is kept, as its input holds it."""
    if kept is None:
        return [] if field.type == Type.CHOICES else ""
    if field.type == Type.YES_NO:
        return "yes" if kept else "no"
    if field.type == Type.INSTANT:
        moment = kinds.instant_in(kept)
        return timezone.localtime(moment).strftime(_LOCAL) if moment else ""
    return name if field.type in REFERENCES else (kept if isinstance(kept, list) else str(kept))


def _widget(field: Field, actor: Actor, kept: Any, name: str) -> forms.Widget:
    nothing = [("", "–")]
    match field.type:
        case Type.LONG:
            return forms.Textarea(attrs={"rows": 4, "maxlength": kinds.LONGEST["long"]})
        case Type.WHOLE:
            return forms.NumberInput(attrs={"step": "1"})
        case Type.DECIMAL:
            return forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 24})
        case Type.YES_NO:
            return forms.Select(choices=[*nothing, ("yes", _("yes")), ("no", _("no"))])
        case Type.CHOICE:
            return forms.Select(choices=[*nothing, *_options(field, [kept])])
        case Type.CHOICES:
            return forms.CheckboxSelectMultiple(choices=_options(field, kept or []))
        case Type.DATE:
            return forms.DateInput(attrs={"type": "date"})
        case Type.INSTANT:
            return forms.DateTimeInput(attrs={"type": "datetime-local"})
        case Type.PERSON | Type.TEAM | Type.SERVICE:
            return forms.Select(choices=[*nothing, *_offered(field, actor, name)])
        case Type.CI:  # too many to choose from
            return forms.TextInput(attrs={"maxlength": 20, "placeholder": "CI-00042", "spellcheck": "false"})
        case Type.LINK:
            return forms.URLInput(attrs={"placeholder": "https://", "maxlength": kinds.LONGEST["link"]})
    return forms.TextInput(attrs={"maxlength": kinds.LONGEST["text"]})


def _options(field: Field, stood: Sequence[Any]) -> list[tuple[str, str]]:
    return [(one.key, one.label) for one in field.options.all() if one.retired_at is None or one.key in stood]


def _offered(field: Field, actor: Actor, name: str) -> list[tuple[str, str]]:
    reference = reference_of(field.type)
    if reference is None:
        return []
    rows = reference.chosen(actor, field.rules)[:_MOST_OFFERED]
    offered = [(str(getattr(row, reference.name)), str(row)) for row in rows]
    return offered if not name or any(key == name for key, _label in offered) else [*offered, (name, name)]


def add_inputs(
    form: forms.Form,
    fields: Sequence[Field],
    *,
    actor: Actor,
    attributes: Mapping[str, Any] | None = None,
) -> None:
    """Give a form an input for each of these fields. `attributes`: of the record; None for one that begins."""
    creating = attributes is None
    held = {one.key: one.default for one in fields if one.default is not None} if attributes is None else attributes
    names = Names(actor, fields, [held])
    for one in fields:
        kept = held.get(one.key)
        name = names.slug(one.type, kept) if one.type in REFERENCES else ""
        form.fields[PREFIX + one.key] = TypedInput(one, actor, kept, name, creating=creating)


def typed_in(form: forms.Form, *, only_touched: bool = False) -> dict[str, Any]:
    """What was typed into the inputs of a valid form: key -> value as JSON has it."""
    found: dict[str, Any] = {}
    for name, field in form.fields.items():
        if isinstance(field, TypedInput) and name in form.cleaned_data:
            sent = field.widget.value_from_datadict(form.data, form.files, name)
            if field.touched(sent) or not only_touched:
                found[field.typed.key] = form.cleaned_data[name]
    return found
