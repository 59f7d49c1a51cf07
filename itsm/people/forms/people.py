"""Keeping people: what one is, what leaving does, many from a file."""

from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.accounts.forms import time_zones
from itsm.accounts.models import Location, OwnRole, Role, Team, User
from itsm.forms import Form
from itsm.ui.imports import TableForm

ROLE_WORDS = {
    Role.REQUESTER: _("Requester: reports what is broken, sees the own reports only"),
    Role.AGENT: _("Service-desk agent: works on incidents"),
    Role.ENGINEER: _("Engineer: asks the gate, keeps services and objectives"),
    Role.APPROVER: _("Approver: decides about changes that need a person"),
    Role.OWNER: _("Service owner: answers for services, allows standard changes"),
    Role.MANAGER: _("Change manager: keeps the calendar and the change process"),
    Role.AUDITOR: _("Auditor: reads everything, changes nothing"),
    Role.ADMIN: _("Administrator: keeps people, teams and settings"),
}


class PersonForm(Form):
    """An account as it is edited. `account`: whose it is; None for a new one."""

    login = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("With it they sign in; it does not change."),
    )
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=list(ROLE_WORDS.items()), widget=forms.CheckboxSelectMultiple, required=False
    )
    own_roles = forms.MultipleChoiceField(
        label=_("Own roles"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Roles that this desk made itself: each holds what it names and nothing else."),
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Ctrl or Cmd chooses several."),
    )
    leads = forms.ModelMultipleChoiceField(
        label=_("Leads"), queryset=Team.objects.none(), required=False, widget=forms.SelectMultiple(attrs={"size": 4})
    )
    manager = forms.ModelChoiceField(
        label=_("Manager"), queryset=User.objects.none(), required=False, empty_label=_("nobody")
    )
    location = forms.ModelChoiceField(
        label=_("Location"), queryset=Location.objects.none(), required=False, empty_label=_("not said")
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=User.objects.none(),
        empty_label=_("choose a person"),
        help_text=_("Answers for what the program does, and counts as one person with it."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, initial="UTC")
    invite = forms.BooleanField(label=_("Invite them to choose a password"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, program: bool, account: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gone = ("login", "invite") if account else ("version",)
        for name in (*gone, *(("manager", "location", "email", "time_zone", "invite") if program else ("owner",))):
            self.fields.pop(name, None)
        held = account.own_roles if account else []
        own = OwnRole.objects.filter(Q(retired_at=None) | Q(slug__in=held)).values_list("slug", "name")
        choice = self.fields["own_roles"]
        assert isinstance(choice, forms.MultipleChoiceField)  # noqa: S101 -- for the type checker
        choice.choices = list(own)
        if not choice.choices:
            self.fields.pop("own_roles")
        theirs = Q(memberships__user=account) if account else Q(pk=None)
        standing = Team.objects.filter(Q(retired_at=None) | theirs).distinct()
        for name in ("teams", "leads"):
            self._offer(name, standing)
        here = account.location_id if account else None
        self._offer("location", Location.objects.filter(Q(retired_at=None) | Q(pk=here)))
        others = User.objects.active_people().exclude(pk=account.pk if account else 0)
        present = [getattr(account, f"{name}_id", None) for name in ("manager", "owner")]
        for name in ("manager", "owner"):
            self._offer(name, others | User.objects.filter(pk__in=[pk for pk in present if pk]))

    def _offer(self, name: str, rows: "QuerySet[Any]") -> None:
        choice = self.fields.get(name)
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = rows

    def description_of_it(self) -> dict[str, Any]:
        """The fields as `add_user` takes them, without the invitation."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in {"invite", "login"}}
        return {**said, "teams": list(said["teams"]), "leads": list(said["leads"])}

    def changes_to_it(self) -> dict[str, Any]:
        """The fields as `edit_person` takes them."""
        said = dict(self.cleaned_data)
        leads = set(said.pop("leads"))
        said["memberships"] = {team: team in leads for team in {*said.pop("teams"), *leads}}
        return said


def as_typed(person: User) -> dict[str, Any]:
    """What the form of an account begins with."""
    memberships = list(person.memberships.all())
    return {
        "name": person.name,
        "email": person.email,
        "roles": person.roles,
        "own_roles": person.own_roles,
        "teams": [one.team_id for one in memberships],
        "leads": [one.team_id for one in memberships if one.lead],
        "manager": person.manager_id,
        "location": person.location_id,
        "owner": person.owner_id,
        "time_zone": person.time_zone,
        "version": person.version,
    }


class LeavingForm(Form):
    successor = forms.ModelChoiceField(
        label=_("Successor"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("nobody: it is left for somebody to look after"),
        help_text=_("Takes over what passes; the rest stays as the list says."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["successor"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        choice.queryset = User.objects.active_people().exclude(pk=person.pk)


class MergePersonForm(Form):
    into = forms.ModelChoiceField(
        label=_("Is the same person as"), queryset=User.objects.none(), to_field_name="username",
        empty_label=_("choose the account that goes on"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["into"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        choice.queryset = User.objects.active_people().exclude(pk=person.pk)


class PeopleTableForm(TableForm):
    """A table of people, and whether they are asked in at once."""

    invite = forms.BooleanField(
        label=_("Invite who cannot sign in yet to choose a password"), required=False,
        help_text=_("By mail; where none leaves, the links are shown once, to be handed over."),
    )  # fmt: skip
