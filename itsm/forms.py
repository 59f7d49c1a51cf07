"""The base of every form: what a reader cannot see is no answer to a question."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from itsm.kernel.instants import has_sound_offset
from itsm.kernel.texts import is_blank

_DASHES = "---------"  # what Django offers for nothing


def instant_box() -> forms.DateTimeInput:
    """The box for a day and a time of it, in the reader's zone."""
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def readable(text: str) -> None:
    """ValidationError where nothing of the text can be seen."""
    if is_blank(text):
        raise ValidationError(_("Nothing in it can be read."), code="blank")


def told_by_a_clock(at: datetime) -> None:
    """ValidationError where no clock is as far from UTC as the text says."""
    if not has_sound_offset(at):
        raise ValidationError(_("No clock is that far from UTC."), code="offset")


class Form(forms.Form):
    """Django's form; a text that is required has to be one that can be read, whenever its field came to be, and an
    instant one that can be kept.

    Nothing chosen is said in words, not in dashes.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == _DASHES:
                field.empty_label = _("Choose one") if field.required else "\N{EN DASH}"

    def full_clean(self) -> None:
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and field.required and readable not in field.validators:
                field.validators = [*field.validators, readable]
            if isinstance(field, forms.DateTimeField) and told_by_a_clock not in field.validators:
                field.validators = [*field.validators, told_by_a_clock]
        super().full_clean()
