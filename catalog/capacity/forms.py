"""What people type of a measure."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.capacity.models import Measure
from catalog.capacity.vocabulary import Fold, Side, Step
from catalog.cmdb.models import CI
from catalog.cmdb.queries.items import by_reference
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound

_SEASONS = [(1, _("not")), (7, _("each week (days)")), (24, _("each day (hours)"))]


class MeasureForm(Form):
    """A measure; a new one names its item."""

    ci = forms.CharField(label=_("Item"), max_length=20, help_text=_("Such as CI-00042; a service has one as well."))
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Such as: disk used."))
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False, help_text=_("Such as GB, % or licences."))
    side = forms.ChoiceField(label=_("Its value"), choices=Side.choices)
    limit = forms.FloatField(label=_("this limit"))
    lead_days = forms.IntegerField(
        label=_("Days ahead"), min_value=1, max_value=365, initial=30, help_text=_("How early the team must know.")
    )
    step = forms.ChoiceField(label=_("A step is"), choices=Step.choices, initial=Step.DAY)
    season = forms.TypedChoiceField(label=_("It repeats itself"), choices=_SEASONS, coerce=int, initial=1)
    fold = forms.ChoiceField(
        label=_("Of a step's points counts"), choices=Fold.choices, initial=Fold.MAX, help_text=_("Where several come.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, actor: Actor, measure: Measure | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.actor = actor
        if measure is not None:
            del self.fields["ci"]
            for name in (*self.fields,):
                self.initial[name] = getattr(measure, name)

    def clean_ci(self) -> CI:
        try:
            return by_reference(self.actor, self.cleaned_data["ci"].strip().upper())
        except NotFound as error:
            raise forms.ValidationError(gettext("There is no such item.")) from error

    def said(self) -> dict[str, Any]:
        """What an operation takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}
