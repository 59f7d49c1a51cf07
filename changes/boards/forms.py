"""What people type about boards, meetings and votes."""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.environments.forms import EnvironmentsField
from catalog.services.vocabulary import Tier
from changes.boards.models import Board, Meeting
from changes.boards.vocabulary import Part
from changes.calendar.rules.recurrence_rule import LONGEST
from changes.change.vocabulary import ChangeClass
from itsm.accounts.models import Role, User
from itsm.approvals.models import PanelRule
from itsm.approvals.voting import Vote
from itsm.forms import Form, instant_box

if TYPE_CHECKING:
    from catalog.models import Service

_MANY = forms.SelectMultiple(attrs={"size": 5})
_SITTING = (Role.ENGINEER, Role.APPROVER, Role.OWNER, Role.MANAGER, Role.ADMIN)


def _people() -> "QuerySet[User]":
    """Who may have a vote."""
    able = Q(roles__overlap=[role.value for role in _SITTING])
    return User.objects.active_people().filter(able).order_by("username")


class PeopleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Some people, by user name."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(
            queryset=User.objects.none(), label=label, to_field_name="username", widget=_MANY, required=False, **options
        )


class BoardForm(Form):
    """A board: its people by part, its scope, how it decides."""

    name = forms.CharField(label=_("Name"), max_length=60)
    chairs = PeopleField(_("Chairs"), help_text=_("They lead the meetings, and vote."))
    members = PeopleField(_("Members"))
    advisers = PeopleField(_("Advisers without vote"))
    quorum = forms.IntegerField(label=_("Quorum"), min_value=1, max_value=100, initial=1)
    rule = forms.ChoiceField(label=_("Rule"), choices=PanelRule.choices)
    services: "forms.ModelMultipleChoiceField[Service]" = forms.ModelMultipleChoiceField(
        label=_("Services"), queryset=None, required=False, to_field_name="slug", widget=_MANY,
        help_text=_("None chosen: all of them."),
    )  # fmt: skip
    tiers = forms.TypedMultipleChoiceField(
        label=_("Tiers"), choices=Tier.choices, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    environments = EnvironmentsField()
    classes = forms.MultipleChoiceField(
        label=_("Kinds of change"), choices=ChangeClass.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    above = forms.ModelChoiceField(
        label=_("Board above"), queryset=Board.objects.filter(retired_at=None), required=False, to_field_name="slug",
        help_text=_("It is asked where too few of this one may decide."),
    )  # fmt: skip
    is_emergency = forms.BooleanField(label=_("For emergencies"), required=False)
    rrule = forms.CharField(
        label=_("Meets"), max_length=LONGEST, required=False,
        widget=forms.TextInput(attrs={"placeholder": "FREQ=WEEKLY;BYDAY=TU", "class": "mono"}),
        help_text=_("A rule of RFC 5545, meant by the clocks of the time zone; empty: as meetings are planned."),
    )  # fmt: skip
    zone = forms.CharField(
        label=_("Time zone of the rule"), max_length=64, required=False,
        widget=forms.TextInput(attrs={"placeholder": "Europe/Berlin", "class": "mono"}),
    )  # fmt: skip
    first_meeting = forms.DateTimeField(label=_("First meeting"), required=False, widget=instant_box())
    meeting_minutes = forms.IntegerField(label=_("Minutes of a meeting"), required=False, min_value=5, max_value=720)

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["services"].queryset = services  # type: ignore[attr-defined]
        for name in ("chairs", "members", "advisers"):
            self.fields[name].queryset = _people()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """With `seats`: person -> part. Nobody sits twice."""
        said = super().clean() or {}
        parts = (("chairs", Part.CHAIR), ("members", Part.MEMBER), ("advisers", Part.ADVISER))
        seats: dict[User, str] = {}
        for name, part in parts:
            for person in said.pop(name, None) or ():
                if person in seats:
                    self.add_error(name, _now("%(person)s has another part already.") % {"person": person})
                seats[person] = part
        said["seats"] = seats
        if not said.get("rrule"):  # what the page offers beside the rule goes with it
            said |= {"zone": "", "first_meeting": None, "meeting_minutes": None}
        return said

    @classmethod
    def initial_of(cls, board: Board) -> Mapping[str, Any]:
        """The board as the form shows it."""
        by_part: dict[str, list[str]] = {part: [] for part in Part.values}
        for seat in board.seats.select_related("person"):
            by_part[seat.part].append(seat.person.username)
        return {
            "name": board.name, "quorum": board.quorum, "rule": board.rule, "tiers": board.tiers,
            "environments": board.environments, "classes": board.classes, "is_emergency": board.is_emergency,
            "above": board.above.slug if board.above else None, "chairs": by_part[Part.CHAIR],
            "members": by_part[Part.MEMBER], "advisers": by_part[Part.ADVISER],
            "services": [service.slug for service in board.services.all()],
            **{name: getattr(board, name) for name in ("rrule", "zone", "first_meeting", "meeting_minutes")},
        }  # fmt: skip


class MeetingForm(Form):
    """When a board meets, in the writer's own zone."""

    starts_at = forms.DateTimeField(label=_("Starts"), widget=instant_box())
    ends_at = forms.DateTimeField(label=_("Ends"), widget=instant_box())


class VoteForm(Form):
    """One vote. The page gives it an id: sent twice, it counts once."""

    vote_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    vote = forms.ChoiceField(choices=[(one.value, one.value) for one in Vote], widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("Reason"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2}),
        help_text=_("Needed to decline, and to withdraw from deciding."),
    )  # fmt: skip

    def clean_vote_id(self) -> uuid.UUID:
        """The page draws one; what came without it could be counted twice."""
        sent: uuid.UUID | None = self.cleaned_data["vote_id"]
        if sent is None:
            raise forms.ValidationError(_now("This form is stale; open the page anew."))
        return sent


class DecideForm(Form):
    """The chair's word about an item that the votes leave open."""

    item = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    comment = forms.CharField(label=_("Remark"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2}))


class DeferForm(Form):
    """To which meeting an item is put off, and why."""

    item = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    to = forms.ModelChoiceField(label=_("Put off to"), queryset=Meeting.objects.none())
    reason = forms.CharField(label=_("Why?"), max_length=500, widget=forms.Textarea({"rows": 2}))

    def __init__(self, later: "QuerySet[Meeting]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = later  # type: ignore[attr-defined]


class EarlierForm(Form):
    """The item that is to come a place earlier."""

    item = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class NoteForm(Form):
    """Notes about an item, for the minutes."""

    item = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    notes = forms.CharField(label=_("Notes"), required=False, max_length=8000, widget=forms.Textarea({"rows": 3}))
