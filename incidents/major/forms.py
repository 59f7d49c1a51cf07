"""What people type in war rooms: shapes only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.major.models import Major
from incidents.major.vocabulary import LONGEST_CADENCE, SHORTEST_CADENCE, Severity
from itsm.accounts.models import User
from itsm.accounts.queries.assignable import assignable
from itsm.forms import Form


def _person(label: Any, *, required: bool = False) -> "forms.ModelChoiceField[User]":
    return forms.ModelChoiceField(
        label=label, queryset=User.objects.none(), required=required, empty_label=_("nobody yet")
    )


class MajorForm(Form):
    """Severity, parts and cadence, as they were read (`version`)."""

    severity = forms.TypedChoiceField(label=_("Severity"), choices=Severity.choices, coerce=int)
    impact = forms.CharField(
        label=_("Whom does it harm, and how?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    commander = _person(_("Commander"), required=True)
    communications = _person(_("Communications"))
    scribe = _person(_("Scribe"))
    bridge = forms.CharField(
        label=_("Where those who work on it meet"), max_length=300, required=False,
        help_text=_("An address or a number, as they type it."),
    )  # fmt: skip
    cadence = forms.IntegerField(
        label=_("Minutes between updates"), min_value=SHORTEST_CADENCE, max_value=LONGEST_CADENCE
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("commander", "communications", "scribe"):
            self.fields[name].queryset = assignable()  # type: ignore[attr-defined]


def as_typed(major: Major) -> dict[str, Any]:
    """A major incident as the form shows it."""
    plain = {name: getattr(major, name) for name in ("severity", "impact", "bridge", "cadence", "version")}
    return {**plain, **{name: getattr(major, f"{name}_id") for name in ("commander", "communications", "scribe")}}


class SayForm(Form):
    text = forms.CharField(label=_("Note, or / for a command"), max_length=4000)


class PinForm(Form):
    key = forms.CharField(max_length=60)


class StakeholderForm(Form):
    person = forms.CharField(
        label=_("Who?"), max_length=150, widget=forms.TextInput(attrs={"data-people": "one"}),
        help_text=_("A user name, or a part of a name: choose from those that are offered."),
    )  # fmt: skip
    why = forms.CharField(label=_("What have they to do with it?"), max_length=120, required=False)

    def clean_person(self) -> User:
        """Somebody who is active, by their user name."""
        people = User.objects.active_people()
        found = people.filter(username__iexact=self.cleaned_data["person"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no account of this name."))
        return found


class ProposeForm(Form):
    reason = forms.CharField(label=_("Why is it a major incident?"), max_length=500)


class RuleForm(Form):
    """One candidate rule, as it was read."""

    is_on = forms.BooleanField(label=_("Proposes"), required=False)
    least = forms.IntegerField(label=_("From how many on"), min_value=1, max_value=1000)
    minutes = forms.IntegerField(label=_("Within minutes"), min_value=0, max_value=1440)
    version = forms.IntegerField(widget=forms.HiddenInput)
