"""Shapes of people and teams in REST."""

from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.accounts import permissions
from itsm.accounts.models import EmailAddress, Role, Team, User
from itsm.api import fields
from itsm.api.people import LocationField, PersonField, TeamField
from itsm.api.serializers import Shown, Strict

MAX_TEAMS = 100
MAX_MEMBERS = 1000


class TeamGiven(Strict):
    """A team that a person belongs to."""

    team = TeamField()
    lead = fields.YesNo(default=False)


class MemberGiven(Strict):
    """A person who belongs to a team."""

    login = PersonField()
    lead = fields.YesNo(default=False)


class PersonEditing(Strict):
    """`teams`: all of them. `own_roles`: slugs of roles that this desk made (`/api/v1/roles/`). `owner`: of a service
    account, who answers for it; of people null."""

    name = fields.Text(max_length=150, allow_blank=True, required=False)
    email = fields.Text(max_length=254, allow_blank=True, required=False)
    roles = serializers.ListField(child=fields.Choice(choices=Role.choices), required=False, max_length=20)
    own_roles = serializers.ListField(child=fields.Text(max_length=63), required=False, max_length=20)
    teams = serializers.ListField(child=TeamGiven(), required=False, max_length=MAX_TEAMS)
    manager = PersonField(required=False, allow_null=True)
    location = LocationField(required=False, allow_null=True)
    owner = PersonField(required=False, allow_null=True)
    time_zone = fields.Text(max_length=64, required=False)


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": 150})
class NewLogin(fields.Text):
    """Letters and digits of any alphabet, and . @ + - _"""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=150, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        # No validator of the field: the schema would tell its pattern, whose \w readers of schemas take for ASCII.
        UnicodeUsernameValidator()(text)
        return text


class NewPerson(PersonEditing):
    """`invite`: mail a link to choose a password; where no mails leave, the answer holds it, this once."""

    login = NewLogin()
    name = fields.Text(max_length=150, allow_blank=True, default="")
    account_type = fields.Choice(choices=User.AccountType.choices, default=User.AccountType.HUMAN.value)
    roles = serializers.ListField(child=fields.Choice(choices=Role.choices), max_length=20)
    invite = fields.YesNo(default=False)


class Leaving(Strict):
    """`successor`: who takes over what passes; without one it is left for somebody, and programs end."""

    successor = PersonField(required=False, allow_null=True, default=None)
    reason = fields.Text(max_length=2000, allow_blank=True, default="")


class MergingPerson(Strict):
    """`into`: the account that goes on; both are the same person."""

    into = PersonField()
    reason = fields.Text(max_length=2000, allow_blank=True, default="")


class NewTeam(Strict):
    slug = fields.Text(max_length=63, validators=[])
    name = fields.Text(max_length=100)
    members = serializers.ListField(child=MemberGiven(), required=False, max_length=MAX_MEMBERS)


class TeamEditing(Strict):
    """`members`: all of them."""

    name = fields.Text(max_length=100, required=False)
    members = serializers.ListField(child=MemberGiven(), required=False, max_length=MAX_MEMBERS)


class Merging(Strict):
    into = TeamField()


class MembershipShown(serializers.Serializer[Any]):
    """One team of a person."""

    team = serializers.CharField(source="team.slug", read_only=True)
    lead = serializers.BooleanField(read_only=True)


class MemberShown(serializers.Serializer[Any]):
    """One person of a team."""

    login = serializers.CharField(source="user.username", read_only=True)
    lead = serializers.BooleanField(read_only=True)
    active = serializers.BooleanField(source="user.is_active", read_only=True)


class AddressShown(Shown):
    """One address of a person."""

    primary = serializers.BooleanField(source="is_primary")

    class Meta:
        model = EmailAddress
        fields = ("email", "primary", "verified_at")


class PersonShown(Shown):
    """An account. Addresses are null for who may not see them; `invitation_link` is shown once, if at all."""

    login = serializers.CharField(source="username")
    account_type = fields.Choice(choices=User.AccountType.choices)
    roles = serializers.ListField(child=fields.Choice(choices=Role.choices))
    own_roles = serializers.ListField(child=serializers.CharField())
    email = serializers.SerializerMethodField()
    addresses = serializers.SerializerMethodField()
    owner = PersonField(read_only=True, allow_null=True)
    manager = PersonField(read_only=True, allow_null=True)
    location = LocationField(read_only=True, allow_null=True)
    merged_into = PersonField(read_only=True, allow_null=True)
    teams = MembershipShown(many=True, source="memberships")
    active = serializers.BooleanField(source="is_active")
    last_sign_in_at = fields.Instant(source="last_login", allow_null=True)
    invited_at = fields.Instant(allow_null=True)
    invitation_link = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = User
        fields = (
            "login", "name", "account_type", "email", "addresses", "roles", "own_roles", "teams", "manager", "location",
            "owner", "time_zone", "active", "merged_into", "last_sign_in_at", "invited_at", "invitation_link",
            "created_at", "version", "url",
        )  # fmt: skip

    def _may_read_addresses(self, person: User) -> bool:
        return permissions.address_readers(self.context["view"].actor, person)

    @extend_schema_field({"type": "string", "nullable": True})
    def get_email(self, person: User) -> str | None:
        return (person.email or None) if self._may_read_addresses(person) else None

    @extend_schema_field(AddressShown(many=True, allow_null=True))
    def get_addresses(self, person: User) -> Any:
        if not self._may_read_addresses(person):
            return None
        return AddressShown(person.addresses.all(), many=True, context=self.context).data

    @extend_schema_field({"type": "string", "nullable": True})
    def get_invitation_link(self, person: User) -> str | None:
        return getattr(person, "invitation_link", None)


class TeamShown(Shown):
    """A team. A merged one says into which."""

    members = MemberShown(many=True, source="memberships")
    merged_into = TeamField(read_only=True, allow_null=True)
    retired_at = fields.Instant(allow_null=True)
    triage = serializers.BooleanField(read_only=True)
    shares_asks = serializers.BooleanField(read_only=True)
    calendar = serializers.IntegerField(source="calendar_id", read_only=True, allow_null=True)
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Team
        fields = (
            "slug", "name", "members", "takes_work", "confidential", "tier", "close_after_days", "calendar", "triage",
            "shares_asks", "retired_at", "merged_into", "version", "url",
        )  # fmt: skip


class DutyShown(serializers.Serializer[Any]):
    """One thing that would be orphaned; `passes`: to a successor, or with a merge; `otherwise`: what becomes of it."""

    what = serializers.CharField(read_only=True)
    reference = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    url = serializers.CharField(source="path", read_only=True)
    otherwise = serializers.CharField(read_only=True)
    passes = serializers.BooleanField(read_only=True)


class DepartureShown(serializers.Serializer[Any]):
    """What deactivating would end (`sessions`, `tokens`) and leave behind; `blocked`: why it cannot be done."""

    sessions = serializers.IntegerField(read_only=True)
    tokens = serializers.IntegerField(read_only=True)
    duties = DutyShown(many=True, read_only=True)
    blocked = serializers.CharField(read_only=True, allow_null=True)


class MovedShown(serializers.Serializer[Any]):
    """So many of a kind of records become those of the one who goes on."""

    what = serializers.CharField(read_only=True)
    number = serializers.IntegerField(read_only=True)


class MergeShown(serializers.Serializer[Any]):
    """What a merge would do. `ends`: roles, teams and rights that do not pass; `blocked`: why it cannot be done."""

    moves = MovedShown(many=True, read_only=True)
    addresses = serializers.ListField(child=serializers.CharField(), read_only=True)
    duties = DutyShown(many=True, read_only=True)
    ends = serializers.ListField(child=serializers.CharField(), read_only=True)
    blocked = serializers.CharField(read_only=True, allow_null=True)


class TeamOrphansShown(serializers.Serializer[Any]):
    """Everything open that refers to a team."""

    duties = DutyShown(many=True, read_only=True)
