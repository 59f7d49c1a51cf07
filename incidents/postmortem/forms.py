"""What people type about postmortems: shapes only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.postmortem.models import Postmortem
from incidents.postmortem.vocabulary import MOST_FACTORS, ActionType
from itsm.accounts.models import User
from itsm.accounts.queries.assignable import assignable
from itsm.forms import Form, instant_box


def _text(label: Any, help_text: Any = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )  # fmt: skip


class NewPostmortemForm(Form):
    about = forms.CharField(
        label=_("Which incident or problem is it about?"), max_length=20,
        widget=forms.TextInput(attrs={"placeholder": "INC-00042", "autofocus": True}),
    )  # fmt: skip


class WriteForm(Form):
    """The words of a draft, as they were read (`version`). Factors are typed one to a line."""

    title = forms.CharField(label=_("Title"), max_length=200)
    impact = _text(_("Impact"), _("Who noticed, of what, and for how long."))
    factors = _text(
        _("Factors"), _("One to a line: what made it possible, or made it worse. There is more than one."), rows=6
    )
    went_well = _text(_("What went well"), rows=3)
    went_badly = _text(_("What went badly"), rows=3)
    lucky = _text(_("Where we were lucky"), rows=3)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_factors(self) -> list[str]:
        found = [line.strip() for line in str(self.cleaned_data["factors"]).splitlines() if line.strip()]
        if len(found) > MOST_FACTORS:
            raise forms.ValidationError(_("At most %(most)d factors.") % {"most": MOST_FACTORS})
        if any(len(one) > 1000 for one in found):
            raise forms.ValidationError(_("A factor has at most 1000 characters."))
        return found


WORDED = ("title", "impact", "factors", "went_well", "went_badly", "lucky")


def as_typed(postmortem: Postmortem) -> dict[str, Any]:
    """A postmortem as the form shows it."""
    words = {name: getattr(postmortem, name) for name in WORDED}
    return {**words, "factors": "\n".join(postmortem.factors), "version": postmortem.version}


class EventForm(Form):
    at = forms.DateTimeField(label=_("When?"), widget=instant_box())
    text = forms.CharField(label=_("What happened?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class ActionForm(Form):
    action_type = forms.ChoiceField(label=_("It is to"), choices=ActionType.choices)
    text = forms.CharField(label=_("What is to be done?"), max_length=500)
    owner = forms.ModelChoiceField(label=_("Who owns it?"), queryset=User.objects.none())
    due_at = forms.DateTimeField(label=_("Until when?"), widget=instant_box())
    link = forms.CharField(
        label=_("Change or problem that does it"), max_length=20, required=False,
        widget=forms.TextInput(attrs={"placeholder": "CHG-00042"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = assignable()  # type: ignore[attr-defined]


class OutcomeForm(Form):
    outcome = forms.CharField(
        label=_("What was done?"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Not needed where the linked change or problem ended well."),
    )  # fmt: skip
