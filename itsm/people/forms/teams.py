"""Teams, who is in them, and what their queues do."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import QueueRight, Role, Team, User
from itsm.clocks.models import Calendar
from itsm.forms import Form, instant_box


class NewTeamForm(Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    slug = forms.SlugField(label=_("Slug"), max_length=63, help_text=_("Its key in addresses; it does not change."))


class TeamForm(Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    version = forms.IntegerField(widget=forms.HiddenInput)


class MemberForm(Form):
    """One person for a team."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), empty_label=_("choose a person"))
    lead = forms.BooleanField(label=_("leads the team"), required=False)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["person"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        choice.queryset = User.objects.filter(is_active=True).exclude(teams=team)


class MergeForm(Form):
    into = forms.ModelChoiceField(label=_("Into"), queryset=Team.objects.none(), empty_label=_("choose a team"))

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["into"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        choice.queryset = Team.objects.standing().exclude(pk=team.pk)


class QueueForm(Form):
    takes_work = forms.BooleanField(label=_("Takes work: incidents lie in it"), required=False)
    confidential = forms.BooleanField(
        label=_("Confidential: for everybody else its records do not exist"), required=False
    )
    tier = forms.TypedChoiceField(
        label=_("Tier of support"),
        choices=[
            (1, _("1, first line")),
            (2, _("2, specialists")),
            (3, _("3, makers")),
        ],
        coerce=int,
        help_text=_("Work that moves to a higher tier counts as escalated."),
    )
    close_after_days = forms.IntegerField(
        label=_("Working days until what is resolved closes"), min_value=1, max_value=20
    )
    calendar = forms.ModelChoiceField(
        label=_("Calendar"), queryset=Calendar.objects.order_by("name"), required=False,
        empty_label=_("Monday to Friday"),
        help_text=_("When its people work: for closing, and for time where no agreement holds."),
    )  # fmt: skip
    shares_asks = forms.BooleanField(
        label=_("Its members, and their managers, see what each member asks for themselves"), required=False,
        help_text=_(
            "From now on, in the portal: title and how it stands, never what is confidential. Whoever asks is told so. "
            "A lead decides it."
        ),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)


class GrantForm(Form):
    """One of the three holders is filled in."""

    right = forms.ChoiceField(label=_("May"), choices=QueueRight.choices)
    user = forms.ModelChoiceField(
        label=_("Person"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("no person"),
    )
    role = forms.ChoiceField(
        label=_("or everybody with the role"), choices=[("", _("no role")), *Role.choices],
        required=False,
    )  # fmt: skip
    member_of = forms.ModelChoiceField(
        label=_("or the members of"), queryset=Team.objects.none(), required=False,
        empty_label=_("no team"),
    )  # fmt: skip
    until = forms.DateTimeField(label=_("Until"), required=False, widget=instant_box(), help_text=_("Empty: for good."))

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people, teams = self.fields["user"], self.fields["member_of"]
        people.queryset = User.objects.filter(is_active=True).exclude(teams=team)  # type: ignore[attr-defined]
        teams.queryset = Team.objects.standing().exclude(pk=team.pk)  # type: ignore[attr-defined]
