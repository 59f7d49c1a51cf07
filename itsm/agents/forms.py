"""What people say of a software agent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.agents.capabilities import OUTWARD, Capability
from itsm.agents.operations.checks import LONGEST_NAME, LONGEST_PURPOSE, LONGEST_REASON
from itsm.agents.operations.tokens import LONGEST_HOURS
from itsm.forms import Form

_HOURS = [(1, _("an hour")), (8, _("8 hours")), (LONGEST_HOURS, _("24 hours"))]


def _capabilities(**options: Any) -> forms.MultipleChoiceField:
    said = {"label": _("It may"), "choices": Capability.choices, **options}
    return forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, **said)


class AgentForm(Form):
    """Connecting and editing alike. A proof is asked for `outward_after_reading` (`ask_proof`)."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, help_text=_("As you tell it from others, such as Claude Code.")
    )
    purpose = forms.CharField(label=_("What it is for"), max_length=LONGEST_PURPOSE, required=False)
    capabilities = _capabilities(help_text=_("At most what you may do yourself; it never decides."))
    outward_after_reading = _capabilities(
        label=_("Also within the hour after it read words of strangers"), required=False,
        choices=[(one.value, one.label) for one in OUTWARD],
        help_text=_(
            "A mail or an alert may tell it to do things. Without this it writes nothing outward within an hour of "
            "such words, whichever of your agents read them."
        ),
    )  # fmt: skip


class AgentTokenForm(Form):
    capabilities = _capabilities(required=False, help_text=_("Nothing chosen: all that this agent may."))
    hours = forms.TypedChoiceField(label=_("Good for"), choices=_HOURS, coerce=int, initial=8)

    def __init__(self, *args: Any, allowed: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["capabilities"].choices = [one for one in Capability.choices if one[0] in allowed]  # type: ignore[attr-defined]


class StopForm(Form):
    reason = forms.CharField(label=_("Why"), max_length=LONGEST_REASON, required=False)


class ShutForm(Form):
    reason = forms.CharField(
        label=_("Why"), max_length=LONGEST_REASON, help_text=_("Everybody whose agent is refused meanwhile reads it.")
    )


class OpenForm(Form):
    """Nothing but a proof of who opens the door."""
