"""Endpoints as people type them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.queues import visible_queues
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.webhooks import checking
from itsm.webhooks.models import MAX_URL, WebhookEndpoint
from itsm.webhooks.operations import LONGEST_ROTATION
from itsm.webhooks.vocabulary import Form as Written

_CREDENTIAL = lazy("The name of a secret in HEADROOM_SECRETS_DIR. Empty: one is made here, and shown once.")

_PROOF = lazy(
    "Slack and Mattermost alone: the name of the secret that proves commands, Slack's signing secret or Mattermost's "
    "token. Empty: none is heard. Another name ends the links of chat accounts."
)


class EndpointForm(Form):
    """Everything that an endpoint says. `events` is a line each."""

    name = forms.CharField(label=lazy("Name"), max_length=80)
    url = forms.CharField(
        label=lazy("Address"), max_length=MAX_URL,
        widget=forms.TextInput(
            attrs={"class": "mono", "spellcheck": "false", "inputmode": "url", "placeholder": "https://ci.example.com/hooks/headroom"}
        ),
        help_text=lazy("That of a chat's incoming webhook is a secret: it is put into HEADROOM_SECRETS_DIR and named."),
    )  # fmt: skip
    form = forms.ChoiceField(label=lazy("What a message looks like"), choices=Written.choices)
    events = forms.CharField(
        label=lazy("Events"), max_length=6000,
        widget=forms.Textarea(attrs={"rows": 5, "class": "mono", "spellcheck": "false"}),
        help_text=lazy("One a line: incident.resolved; incident.* is every one of a kind; * is all of them."),
    )  # fmt: skip
    team: Any = forms.ModelChoiceField(
        label=lazy("Team"), queryset=None, required=False, to_field_name="slug", empty_label=lazy("none in particular"),
        help_text=lazy("What lies in a confidential queue is told to endpoints of that team alone."),
    )  # fmt: skip
    only_team = forms.BooleanField(label=lazy("Only what lies with this team"), required=False)
    credential = forms.CharField(
        label=lazy("Credential"), max_length=63, required=False, help_text=_CREDENTIAL,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
    room = forms.CharField(
        label=lazy("Room or channel"), max_length=255, required=False,
        help_text=lazy("Chats alone: with a bot's token as credential, one message a record is kept up to date."),
    )  # fmt: skip
    slash_credential = forms.CharField(
        label=lazy("Slash commands"), max_length=63, required=False,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        help_text=_PROOF,
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = visible_queues(actor)  # type: ignore[attr-defined]

    def clean_events(self) -> list[str]:
        return checking.normal(self.cleaned_data["events"].replace(",", "\n").splitlines())

    def said(self) -> dict[str, Any]:
        said = {name: value for name, value in self.cleaned_data.items() if name not in ("version", "room")}
        room = self.cleaned_data["room"].strip()
        return said | {"options": {"room": room} if room else {}}


def as_typed(endpoint: WebhookEndpoint) -> dict[str, Any]:
    names = ("name", "url", "form", "only_team", "credential", "slash_credential", "version")
    typed = {name: getattr(endpoint, name) for name in names}
    typed["room"] = endpoint.options.get("room", "")
    return {**typed, "events": "\n".join(endpoint.events), "team": endpoint.team and endpoint.team.slug}


class RotateForm(Form):
    credential = forms.CharField(label=lazy("Credential"), max_length=63, required=False, help_text=_CREDENTIAL)
    hours = forms.IntegerField(
        label=lazy("Hours for which both sign"), min_value=0, max_value=LONGEST_ROTATION, initial=24,
        help_text=lazy("Give the receiver the new secret meanwhile."),
    )  # fmt: skip
