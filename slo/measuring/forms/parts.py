"""Fields that several forms need."""

from decimal import Decimal
from typing import Any

from django import forms

QUERY = {"rows": 2, "class": "mono", "spellcheck": "false"}
NOWHERE = {"autocomplete": "off", "spellcheck": "false"}


class PercentField(forms.DecimalField):
    """Typed as 99.9, kept as 0.999; up to nine decimals of the share."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 100, "max_digits": 10, "decimal_places": 7} | options)

    def clean(self, value: Any) -> Decimal | None:
        percent: Decimal | None = super().clean(value)
        return None if percent is None else percent / 100


def in_percent(share: Decimal | None) -> str:
    """What a PercentField begins with: 0.999 as "99.9"."""
    return "" if share is None else f"{(share * 100).normalize():f}"


def slug_widget(indicators: bool = False) -> forms.TextInput:
    """A text box that offers known indicators, where the page has their list."""
    return forms.TextInput(attrs=NOWHERE | ({"list": "known-indicators"} if indicators else {}))
