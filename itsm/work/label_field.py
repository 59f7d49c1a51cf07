"""Labels in a form: words with commas between them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from itsm.kernel.errors import InvalidInput
from itsm.work import labels

_MOST_SAID = 12
_LONGEST = 1000
_NAME = gettext_lazy("Labels")


class LabelsField(forms.CharField):
    """Its value is a list, as labels are kept."""

    def __init__(self, label: Any = _NAME) -> None:
        said = gettext_lazy("With commas between them. Whoever sees the record sees them.")
        super().__init__(label=label, required=False, max_length=_LONGEST, help_text=said)

    def suggest(self, known: Sequence[str]) -> None:
        """Say beside the box which labels are used already."""
        if known:
            used = _("Used already: %(labels)s.") % {"labels": ", ".join(known[:_MOST_SAID])}
            self.help_text = f"{self.help_text} {used}"

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        try:
            return labels.labels_in(labels.typed(text))
        except InvalidInput as refusal:
            raise ValidationError(refusal.detail) from refusal

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value
