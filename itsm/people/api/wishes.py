"""What reaches oneself, over REST: wishes for kinds of news and for single rules, by channel, and quiet hours."""

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
from itsm.api.versions import tagged, version_read
from itsm.api.viewsets import Rows
from itsm.kernel.actors import Actor
from itsm.notifications import wishes, wishing
from itsm.notifications.models import Channel, NewsClass, Relation, Wish

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


class ClassWishShown(serializers.Serializer[Any]):
    """What holds of a kind of news over a channel; null: as each rule says."""

    news = fields.Choice(choices=NewsClass.choices)
    channel = fields.Choice(choices=Channel.choices)
    how = fields.Choice(choices=Wish.How.choices, allow_null=True)


class RuleWishShown(serializers.Serializer[Any]):
    """One rule over one channel as it holds for oneself. `wished`: null where nothing was said of it alone."""

    event = serializers.CharField()
    relation = fields.Choice(choices=Relation.choices)
    channel = fields.Choice(choices=Channel.choices)
    news = fields.Choice(choices=NewsClass.choices, source="rule.news")
    how = fields.Choice(choices=Wish.How.choices)
    by = fields.Choice(
        choices=[(one, one) for one in ("duty", "exception", "class", "desk", "product")],
        help_text="by whose word: a duty, one's own exception or wish for the class, administrators, the product",
    )
    wished = fields.Choice(choices=Wish.How.choices, allow_null=True)
    words = serializers.CharField()


class WishesShown(serializers.Serializer[Any]):
    """Quiet hours in one's own time zone, "HH:MM"; null: none. The bell always rings, whatever stands here."""

    version = serializers.IntegerField()
    quiet_from = LocalTime(allow_null=True)
    quiet_until = LocalTime(allow_null=True)
    time_zone = serializers.CharField()
    classes = ClassWishShown(many=True)
    rules = RuleWishShown(many=True)


class ClassWishSent(Strict):
    news = fields.Choice(choices=NewsClass.choices)
    channel = fields.Choice(choices=Channel.choices)
    how = fields.Choice(choices=Wish.How.choices, allow_null=True, help_text="null: no wish any more")


class RuleWishSent(Strict):
    event = fields.Text(max_length=60)
    relation = fields.Choice(choices=Relation.choices)
    channel = fields.Choice(choices=Channel.choices)
    how = fields.Choice(choices=Wish.How.choices, allow_null=True, help_text="null: as its class has it")


class WishesEditing(Strict):
    """What is not sent stays."""

    quiet_from = LocalTime(allow_null=True, required=False)
    quiet_until = LocalTime(allow_null=True, required=False)
    classes = serializers.ListField(child=ClassWishSent(), max_length=20, required=False)
    exceptions = serializers.ListField(child=RuleWishSent(), max_length=400, required=False)


class WishesReplacing(Strict):
    """All of it: what is not named is wished no longer."""

    quiet_from = LocalTime(allow_null=True)
    quiet_until = LocalTime(allow_null=True)
    classes = serializers.ListField(child=ClassWishSent(), max_length=20)
    exceptions = serializers.ListField(child=RuleWishSent(), max_length=400)


class WishesViewSet(Rows):
    """How news reach oneself."""

    http_method_names = [*Rows.http_method_names, "put"]
    policy: ClassVar = {
        "retrieve": Entry(anyone),
        "update": Entry(anyone, _ALL_RIGHTS),
        "partial_update": Entry(anyone, _ALL_RIGHTS),
    }
    serializer_class = WishesShown

    @extend_schema(responses=WishesShown, operation_id="notification_wishes_retrieve")
    def retrieve(self, request: Request) -> Response:
        """What reaches oneself, and by whose word."""
        return _answer(_account(self.actor))

    @extend_schema(request=WishesReplacing, responses=WishesShown, operation_id="notification_wishes_replace")
    def update(self, request: Request) -> Response:
        """Say all of it anew: people alone, each for themselves."""
        return self._keep(self.validated(WishesReplacing), version_read(request), whole=True)

    @extend_schema(request=WishesEditing, responses=WishesShown, operation_id="notification_wishes_edit")
    def partial_update(self, request: Request) -> Response:
        """Change some of it: people alone, each for themselves."""
        return self._keep(self.validated(WishesEditing), version_read(request), whole=False)

    def _keep(self, said: Any, version: int | None, *, whole: bool) -> Response:
        user = _account(self.actor)
        kept = wishes.rhythm_of(user)
        of_classes = {(wishing.of_class(one["news"]), one["channel"]): one["how"] for one in said.get("classes", ())}
        of_rules = {
            (wishing.of_rule(one["event"], one["relation"]), one["channel"]): one["how"]
            for one in said.get("exceptions", ())
        }
        wishing.keep(
            user,
            actor=self.actor,
            version=version,
            wished=of_classes | of_rules,
            whole=whole,
            **{name: said.get(name, getattr(kept, name)) for name in ("quiet_from", "quiet_until")},
        )
        return _answer(user)


def _account(actor: Actor) -> User:
    return User.objects.get(pk=actor.id or 0)


def _answer(user: User) -> Response:
    kept = wishes.rhythm_of(user)
    of_classes = [
        {"news": news, "channel": channel, "how": how} for (news, channel), how in wishes.class_wishes(user).items()
    ]
    rules = [
        {
            "event": one.rule.event, "relation": one.rule.relation, "channel": one.channel, "rule": one.rule,
            "how": one.how, "by": one.by, "wished": one.wished, "words": str(one.rule.words),
        }
        for one in wishes.standing(user)
    ]  # fmt: skip
    said = {name: getattr(kept, name) for name in ("quiet_from", "quiet_until", "version")}
    shown = WishesShown({**said, "time_zone": user.time_zone, "classes": of_classes, "rules": rules}).data
    return tagged(Response(shown), kept.version)
