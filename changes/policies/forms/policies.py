"""What people type about policies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from changes.policies.vocabulary import ANSWERS, CONDITIONS, DECIDERS, NEEDS
from itsm.forms import Form


class NewPolicyForm(Form):
    """A draft of what rules now, or of a file."""

    title = forms.CharField(label=_("What it changes"), max_length=200)
    content = forms.CharField(
        label=_("A policy as YAML or JSON"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono"}),
        help_text=_("Empty: the draft begins as what rules now."),
    )


class PolicyTextForm(Form):
    """The whole policy as YAML."""

    title = forms.CharField(label=_("What it changes"), max_length=200)
    content = forms.CharField(
        label=_("The policy"), widget=forms.Textarea(attrs={"rows": 30, "class": "mono", "spellcheck": "false"})
    )


class CellForm(Form):
    """One cell: its outcome, what has to be proven for it, what holds otherwise, what comes with it, who decides."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=[(one.value, label) for one, label in ANSWERS.items()])
    needs = forms.MultipleChoiceField(
        label=_("Only where this is proven"),
        required=False,
        choices=[(one.value, label) for one, label in NEEDS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    otherwise = forms.ChoiceField(
        label=_("Otherwise"),
        required=False,
        choices=[("", "–"), *((one.value, label) for one, label in ANSWERS.items())],
    )
    conditions = forms.MultipleChoiceField(
        label=_("With these conditions"),
        required=False,
        choices=[(one.value, label) for one, label in CONDITIONS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    decider = forms.ChoiceField(
        label=_("Who decides, where people must"),
        required=False,
        choices=[("", _("by the outcome")), *((one.value, label) for one, label in DECIDERS.items())],
    )

    def cell(self) -> dict[str, Any]:
        """The cell as a policy keeps it."""
        said: dict[str, Any] = dict(self.cleaned_data)
        return said | {name: said[name] or None for name in ("otherwise", "decider")}
