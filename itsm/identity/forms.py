"""Providers, their groups and trials as people type them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.models import Role, Team, User
from itsm.accounts.own_roles import roles_known
from itsm.forms import Form
from itsm.identity.models import MAX_GROUP, IdentityProvider
from itsm.identity.vocabulary import SignUp

_MONO = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}


class ProviderForm(Form):
    """What every provider has, whatever it speaks. The short name is asked for once: addresses hold it."""

    name = forms.CharField(
        label=lazy("Name"), max_length=80, help_text=lazy("It stands on the button of the sign-in page, such as Acme.")
    )
    slug = forms.SlugField(
        label=lazy("Short name"), max_length=40, widget=forms.TextInput(attrs=_MONO),
        help_text=lazy("A part of the addresses that you give the provider; it stays."),
    )  # fmt: skip
    sign_up = forms.ChoiceField(label=lazy("Accounts are made for"), choices=SignUp.choices)
    domains = forms.CharField(
        label=lazy("Domains of mail addresses"), required=False, max_length=4000, widget=forms.TextInput(attrs=_MONO),
        help_text=lazy("With spaces between them, such as acme.example. Others get no account."),
    )  # fmt: skip
    manages_roles = forms.BooleanField(
        label=lazy("Its groups decide all roles"), required=False,
        help_text=lazy("What no group gives is taken. Else only what a group gave is taken back."),
    )  # fmt: skip
    manages_teams = forms.BooleanField(label=lazy("Its groups decide all teams"), required=False)

    def __init__(self, *args: Any, provider: IdentityProvider | None = None, **kwargs: Any) -> None:
        if provider is not None:
            names = ("name", "sign_up", "manages_roles", "manages_teams")
            kwargs["initial"] = {name: getattr(provider, name) for name in names} | {
                "domains": " ".join(provider.domains)
            }
        super().__init__(*args, **kwargs)
        if provider is not None:
            del self.fields["slug"]

    def clean_domains(self) -> list[str]:
        return str(self.cleaned_data["domains"]).replace(",", " ").split()


def _roles() -> list[tuple[str, Any]]:
    """Built-in roles, and own ones that stand."""
    return [("", lazy("no role")), *Role.choices, *roles_known().items()]


class MappingForm(Form):
    """A group and what it means: a role, or a team."""

    group = forms.CharField(
        label=lazy("Group"), max_length=MAX_GROUP, widget=forms.TextInput(attrs={**_MONO, "list": "known-groups"}),
        help_text=lazy("To the letter as the provider says it: for some a name, for some a number."),
    )  # fmt: skip
    role = forms.ChoiceField(label=lazy("Is this role"), required=False, choices=_roles)
    team: Any = forms.ModelChoiceField(
        label=lazy("Or is in this team"),
        queryset=None,
        to_field_name="slug",
        required=False,
        empty_label=lazy("no team"),
    )
    lead = forms.BooleanField(label=lazy("Leads the team"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.standing().order_by("name")  # type: ignore[attr-defined]


class LinksForm(Form):
    """Who may be known by the provider by their verified address: named people, or everybody who is not yet."""

    everybody = forms.BooleanField(
        label=lazy("Everybody who has a mail address here and is not known by it yet"), required=False
    )
    people = forms.CharField(
        label=lazy("Or these people"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "data-people": "list"}), help_text=lazy("User names, one a line."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        active = User.objects.active_people().exclude(email="")
        if said.get("everybody"):
            said["people"] = list(active.order_by("pk")[:5001])
            return said
        names = [one.lower() for one in str(said.get("people", "")).replace(",", " ").split()]
        found = {one.username.lower(): one for one in active.filter(username__in=names)} if names else {}
        unknown = [one for one in names if one not in found]
        if unknown or not names:
            word = _("There is nobody called %(name)s here who has a mail address.") % {
                "name": (unknown or ["…"])[0][:80]
            }
            raise ValidationError({"people": word})
        said["people"] = list(found.values())
        return said


class ProofForm(Form):
    """Nothing but who they are, where that is asked for."""
