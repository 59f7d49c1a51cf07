"""The rows of a composite: each an indicator with its own target and weight."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from slo.measuring.forms.parts import PercentField, in_percent, slug_widget
from slo.measuring.models import Indicator
from slo.objectives.queries.members import MemberTerms

PREFIX = "members"
MOST, AT_FIRST, MORE = 20, 4, 3


if TYPE_CHECKING:
    _Rows = BaseFormSet["MemberForm"]
else:
    _Rows = BaseFormSet


class MemberForm(Form):
    indicator = forms.CharField(label=_("Indicator"), max_length=63, required=False, widget=slug_widget(True))
    target = PercentField(label=_("Target (%)"), required=False)
    weight = forms.DecimalField(
        label=_("Weight"), required=False, min_value=Decimal("0.000001"), max_value=1000, decimal_places=6
    )
    time_slice_target = PercentField(label=_("Slice is good from (%)"), required=False)


class MemberRows(_Rows):
    """Empty rows count for nothing; a row without an indicator is empty."""

    def clean(self) -> None:
        found = self._found()
        for row in self._filled():
            if row.cleaned_data["indicator"] not in found:
                row.add_error("indicator", gettext("There is no indicator of this name."))
        if not 2 <= len(self._filled()) <= MOST:
            raise ValidationError(gettext("A composite has 2 to 20 members, each with another indicator."))

    def terms(self, target: Decimal) -> list[MemberTerms]:
        """As the operations take them; a member without a target of its own has the objective's."""
        found = self._found()
        return [
            MemberTerms(
                found[row.cleaned_data["indicator"]],
                row.cleaned_data["target"] or target,
                row.cleaned_data["weight"] or Decimal(1),
                row.cleaned_data["time_slice_target"],
            )
            for row in self._filled()
        ]

    def _filled(self) -> list[MemberForm]:
        return [one for one in self.forms if getattr(one, "cleaned_data", {}).get("indicator")]

    def _found(self) -> dict[str, Indicator]:
        slugs = [one.cleaned_data["indicator"] for one in self._filled()]
        return {one.slug: one for one in Indicator.objects.filter(slug__in=slugs)}


def _made(extra: int) -> type[MemberRows]:
    return formset_factory(MemberForm, formset=MemberRows, extra=extra, max_num=MOST, absolute_max=MOST + MORE)  # type: ignore[return-value]


def member_rows(data: Any = None, initial: Sequence[MemberTerms] = (), more: bool = False) -> MemberRows:
    """Bound where data holds rows; else what the objective has and a few empty rows, so that no script is needed."""
    if data is not None and f"{PREFIX}-TOTAL_FORMS" in data:
        return _made(0)(_with_more(data) if more else data, prefix=PREFIX)
    begun = [
        {
            "indicator": one.indicator.slug,
            "target": in_percent(one.target),
            "weight": f"{one.weight.normalize():f}",
            "time_slice_target": in_percent(one.time_slice_target),
        }
        for one in initial
    ]
    return _made(max(1, AT_FIRST - len(begun)))(prefix=PREFIX, initial=begun)


def _with_more(data: Any) -> Any:
    grown, name = data.copy(), f"{PREFIX}-TOTAL_FORMS"
    said = grown.get(name, "")
    count = int(said) if said.isdecimal() and len(said) < 4 else AT_FIRST
    grown[name] = str(min(count + MORE, MOST))
    return grown
