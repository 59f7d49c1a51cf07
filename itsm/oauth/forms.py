"""What a person says to a client that asks."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.agents.operations.checks import LONGEST_NAME
from itsm.forms import Form


class ConsentForm(Form):
    """`asked`: what the client wants; `agents`: those of this person that it could act as."""

    capabilities = forms.MultipleChoiceField(
        label=_("It may"), widget=forms.CheckboxSelectMultiple, help_text=_("Take away what it does not need.")
    )
    agent = forms.ChoiceField(label=_("It acts as"), required=False)
    name = forms.CharField(label=_("What you call it"), max_length=LONGEST_NAME, required=False)

    def __init__(self, *args: Any, asked: Sequence[str], agents: Sequence[Agent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["capabilities"].choices = [one for one in Capability.choices if one[0] in asked]  # type: ignore[attr-defined]
        known = [(one.reference, f"{one} ({one.reference})") for one in agents]
        self.fields["agent"].choices = [("", _("a new agent of yours")), *known]  # type: ignore[attr-defined]
        self.has_agents = bool(known)
