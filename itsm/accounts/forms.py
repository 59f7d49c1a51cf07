"""Shapes of what people type about their account."""

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from itsm.accounts import audiences, scopes
from itsm.accounts.models import Team
from itsm.forms import Form


class SignInForm(AuthenticationForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}


SCOPE_WORDS = {
    scopes.READ: _("read: everything the owner may see"),
    scopes.CATALOG_WRITE: _("catalog:write: services and dependencies"),
    scopes.SLO_WRITE: _("slo:write: objectives and indicators"),
    scopes.SAMPLES_WRITE: _("samples:write: send measurements"),
    scopes.GATE_ASK: _("gate:ask: ask whether a change may go"),
    scopes.CHANGES_WRITE: _("changes:write: changes and deployments"),
    scopes.CHANGES_APPROVE: _("changes:approve: approve or decline, as a person"),
    scopes.PEOPLE_WRITE: _("people:write: accounts, teams and locked sign-ins"),
    scopes.ALERTS_WRITE: _("alerts:write: bring alerts of other systems"),
    scopes.INCIDENTS_WRITE: _("incidents:write: report and work on incidents"),
    scopes.REQUESTS_WRITE: _("requests:write: ask for what the catalog offers, and work on requests"),
    scopes.REQUESTS_APPROVE: _("requests:approve: approve or decline requests, as a person"),
    scopes.ONCALL_WRITE: _("oncall:write: schedules, overrides, swaps and time off"),
    scopes.MAIL_WRITE: _("mail:write: bring mail as it came, for whoever it says wrote it"),
    scopes.SCIM: _("scim: write people and groups as an identity provider, at /scim/v2 alone"),
}
LIFETIMES = [(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))]


def time_zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name or name == "UTC"]


class ProfileForm(Form):
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(settings.LANGUAGES) > 1:
            spoken = [("", _("as the desk")), *settings.LANGUAGES]
            self.fields["language"] = forms.ChoiceField(label=_("Language of mails"), choices=spoken, required=False)


class TokenForm(Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Where it will be used, such as the pipeline's name.")
    )
    allowed = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope, SCOPE_WORDS[scope]) for scope in scopes.ALL],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Nothing chosen: everything that you may do."),
    )
    days = forms.TypedChoiceField(label=_("Good for"), choices=LIFETIMES, coerce=int, initial=90)

    def request_for(self, owner: Any) -> dict[str, Any]:
        """What was asked for, as the operation takes it."""
        said = self.cleaned_data
        lifetime = timedelta(days=said["days"])
        return {"owner": owner, "name": said["name"], "allowed": said["allowed"] or None, "lifetime": lifetime}


def as_typed(user: Any) -> dict[str, str]:
    """What the profile form begins with."""
    return {"name": user.name, "time_zone": user.time_zone, "language": user.language}


class AudienceField(forms.MultipleChoiceField):
    """Who may see a thing, as tokens of `itsm.accounts.audiences`; teams are read when the box is shown."""

    def __init__(self, **options: Any) -> None:
        options |= {
            "label": _("Who may see it"), "choices": _audience_choices, "initial": audiences.everybody,
            "widget": forms.CheckboxSelectMultiple,
            "help_text": _("Who works here sees everything. Teams are for people who only ask."),
        }  # fmt: skip
        super().__init__(**options)


def _audience_choices() -> list[tuple[str, Any]]:
    teams = Team.objects.standing().order_by("name").values_list("pk", "name")
    told = [(audiences.ALL, _("everybody who can sign in")), (audiences.STAFF, _("only who works here"))]
    return [*told, *((f"team:{pk}", name) for pk, name in teams)]
