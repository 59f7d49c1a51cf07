"""Fields that several forms need."""

import unicodedata
from collections.abc import Callable
from decimal import Decimal
from itertools import chain, count
from typing import Any

from django import forms
from django.utils.translation import gettext

from itsm.forms import Form
from slo.measuring.formats.slugs import slugged

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


def slug_from(name: str, taken: Callable[[str], bool]) -> str:
    """A slug of the words of a name, numbered where it is taken; "" where the name has no letter that a slug takes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = slugged(plain)[:63].strip("-")
    numbered = (f"{slug[: 62 - len(str(number))].rstrip('-')}-{number}" for number in count(2))
    return next(one for one in chain([slug], numbered) if not taken(one)) if slug else ""


class SlugFromName(Form):
    """A form with `name` and `slug`, whose slug may be left to it. `taken` says which there are already."""

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not said.get("slug") and "slug" not in self.errors and said.get("name"):
            said["slug"] = slug_from(said["name"], self.taken)
            if not said["slug"]:
                self.add_error("slug", gettext("Say a slug: the name has no letters that one could be made of."))
        return said

    def taken(self, slug: str) -> bool:
        raise NotImplementedError


# Filled by js/forms.js while the name is typed; without scripts the form does it when it is sent.
OF_THE_NAME = NOWHERE | {"data-slug-of": "id_name"}


def slug_widget(indicators: bool = False) -> forms.TextInput:
    """A text box that offers known indicators, where the page has their list."""
    return forms.TextInput(attrs=NOWHERE | ({"list": "known-indicators"} if indicators else {}))
