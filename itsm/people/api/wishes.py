"""What reaches oneself, over REST: wishes by event and relation, quiet hours, and the rhythm of the digest."""

import re
from datetime import time
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts.models import User
from itsm.accounts.permissions import anyone
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.kernel.actors import Actor
from itsm.notifications import wishes
from itsm.notifications.models import Relation, Rhythm, Wish

_SHAPE = r"([01][0-9]|2[0-3]):[0-5][0-9]"
# No token is narrowed to this: only one that carries all rights of its owner may change what is theirs.
_ALL_RIGHTS = "account:own"


@extend_schema_field({"type": "string", "pattern": f"^{_SHAPE}$"})
class LocalTime(serializers.Field[time, Any, str, Any]):
    """Hours and minutes of a local day, "07:30"."""

    default_error_messages = {"invalid": gettext_lazy("Send hours and minutes, such as 07:30.")}

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not re.fullmatch(_SHAPE, data, re.ASCII):
            self.fail("invalid")
        return time.fromisoformat(data)

    def to_representation(self, value: time) -> str:
        return f"{value:%H:%M}"


class WishShown(serializers.Serializer[Any]):
    """One rule as it holds for oneself. `duty`: nobody can wish it away."""

    event = serializers.CharField()
    relation = fields.Choice(choices=Relation.choices)
    how = fields.Choice(choices=Wish.How.choices)
    default = fields.Choice(choices=Wish.How.choices)
    duty = serializers.BooleanField()
    words = serializers.CharField()


class WishesShown(serializers.Serializer[Any]):
    """Quiet hours in one's own time zone, "HH:MM"; null: none."""

    quiet_from = LocalTime(allow_null=True)
    quiet_until = LocalTime(allow_null=True)
    digest = fields.Choice(choices=Rhythm.Digest.choices)
    time_zone = serializers.CharField()
    wishes = WishShown(many=True)


class WishSent(Strict):
    event = fields.Text(max_length=60)
    relation = fields.Choice(choices=Relation.choices)
    how = fields.Choice(choices=Wish.How.choices)


class WishesEditing(Strict):
    """What is not sent stays."""

    quiet_from = LocalTime(allow_null=True, required=False)
    quiet_until = LocalTime(allow_null=True, required=False)
    digest = fields.Choice(choices=Rhythm.Digest.choices, required=False)
    wishes = serializers.ListField(child=WishSent(), max_length=200, required=False)


class WishesViewSet(Rows):
    """How news reach oneself."""

    policy: ClassVar = {"retrieve": Entry(anyone), "partial_update": Entry(anyone, _ALL_RIGHTS)}
    serializer_class = WishesShown

    @extend_schema(responses=WishesShown, operation_id="notification_wishes_retrieve")
    def retrieve(self, request: Request) -> Response:
        return _answer(_account(self.actor))

    @extend_schema(request=WishesEditing, responses=WishesShown, operation_id="notification_wishes_edit")
    def partial_update(self, request: Request) -> Response:
        """Change some of it: people alone, each for themselves."""
        said = self.validated(WishesEditing)
        user = _account(self.actor)
        kept = wishes.rhythm_of(user)
        wishes.keep(
            user,
            actor=self.actor,
            wished={(one["event"], one["relation"]): one["how"] for one in said.get("wishes", ())},
            **{name: said.get(name, getattr(kept, name)) for name in ("quiet_from", "quiet_until", "digest")},
        )
        return _answer(user)


def _account(actor: Actor) -> User:
    return User.objects.get(pk=actor.id or 0)


def _answer(user: User) -> Response:
    kept = wishes.rhythm_of(user)
    shown = [
        {
            "event": one.rule.event, "relation": one.rule.relation, "how": one.how, "default": one.rule.default,
            "duty": one.rule.duty, "words": str(one.rule.words),
        }
        for one in wishes.standing(user)
    ]  # fmt: skip
    said = {name: getattr(kept, name) for name in ("quiet_from", "quiet_until", "digest")}
    return Response(WishesShown({**said, "time_zone": user.time_zone, "wishes": shown}).data)
