"""The doors at which other systems bring alerts, each in its own words. A body is kept before it is applied."""

from typing import IO, Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts_in import formats, permissions
from incidents.alerts_in.formats import NotOurs, TooMany
from incidents.alerts_in.formats.pagerduty import made_up
from incidents.alerts_in.models import AlertIntake, AlertSource
from incidents.alerts_in.operations import elsewhere, receiving, sources, too_large
from incidents.alerts_in.vocabulary import IntakeStatus, SourceKind
from itsm.accounts import scopes, tokens
from itsm.accounts.models import Token, User
from itsm.api import fields
from itsm.api.authentication import Bearer
from itsm.api.middleware import takes_files
from itsm.api.parsers import TooLarge, loads
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.kernel.errors import InvalidInput

MAX_BYTES = 8_000_000
_BODY = {"application/json": {"type": "object", "additionalProperties": True}}
_SENDS = Entry(permissions.senders, scopes.ALERTS_WRITE)


class AsItCame(BaseParser):
    """A body byte for byte; one more byte than may come says that it is too large."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read(MAX_BYTES + 1)


class CloudEvent(AsItCame):
    media_type = "application/cloudevents+json"


class AlertsTakenShown(serializers.Serializer[Any]):
    """`intake`: the number by which `/alert-intakes/{id}/` shows what became of it; `applied`: it already has."""

    intake = serializers.IntegerField()
    applied = serializers.BooleanField()


class _Door(Rows):
    """202 once it is kept. 400: no JSON, or of another shape; 413: too large; 503: send it again shortly."""

    policy: ClassVar = {"take": _SENDS}
    serializer_class: type[serializers.Serializer[Any]] = AlertsTakenShown
    parser_classes: tuple[type[BaseParser], ...] = (AsItCame,)
    largest_body = 100_000_000  # the head of what is too large is kept, so the door itself says no
    shape: ClassVar[SourceKind] = SourceKind.ALERTMANAGER

    def visible_rows(self) -> QuerySet[AlertIntake]:
        return AlertIntake.objects.none()

    def source(self) -> AlertSource:
        """The source of who is signed in, else the one that everybody's alerts of this shape come from."""
        return sources.source_of(self.shape, actor=self.actor)

    def taken(self, source: AlertSource) -> tuple[AlertIntake, Any]:
        """The body, kept, and its document. Raises InvalidInput, TooLarge, ParseError, Unavailable."""
        at, raw = timezone.now(), self.raw()
        if len(raw) > MAX_BYTES:
            too_large.park_head(source, raw, at=at)
            raise TooLarge
        document = loads(raw, of_strangers=True)
        try:
            read = formats.read(source.shape, document, source.mapping)
        except TooMany as error:
            too_large.park_head(source, raw, at=at)
            raise TooLarge(str(error)) from error
        except NotOurs as error:
            raise InvalidInput(str(error)) from error
        return receiving.accept(source, raw, read, at=at), document

    def raw(self) -> bytes:
        body: Any = self.request.data
        if not isinstance(body, bytes) or not body.strip():
            raise InvalidInput(_("The body is empty: send JSON."))
        return body

    def answer(self, kept: AlertIntake) -> Response:
        said = {"intake": kept.pk, "applied": kept.status == IntakeStatus.APPLIED}
        return Response(AlertsTakenShown(said).data, status=202)


@takes_files
class AlertmanagerDoor(_Door):
    """Prometheus Alertmanager: `webhook_configs` with this address and a token in `http_config.authorization`."""

    @extend_schema(operation_id="integrations_alertmanager_create", request=_BODY, responses={202: AlertsTakenShown})
    def take(self, request: Request) -> Response:
        """Version 4 of its webhook. Advise `max_alerts: 500`."""
        return self.answer(self.taken(self.source())[0])


@takes_files
class GrafanaDoor(_Door):
    """Grafana: a contact point of the type webhook, with a token as authorization header."""

    shape = SourceKind.GRAFANA

    @extend_schema(operation_id="integrations_grafana_create", request=_BODY, responses={202: AlertsTakenShown})
    def take(self, request: Request) -> Response:
        """As Alertmanager, with values and links."""
        return self.answer(self.taken(self.source())[0])


@takes_files
class CdeventsDoor(_Door):
    """CDEvents of incidents: detected, reported, resolved; of services: deployed, upgraded, rolled back. Of others
    nothing follows."""

    shape = SourceKind.CDEVENTS
    parser_classes = (AsItCame, CloudEvent)

    @extend_schema(operation_id="integrations_cdevents_create", request=_BODY, responses={202: AlertsTakenShown})
    def take(self, request: Request) -> Response:
        """One event, bare or as the data of a CloudEvent. The same one again changes nothing."""
        kept, document = self.taken(self.source())
        elsewhere.hand_on(document, self.raw(), actor=self.actor)
        return self.answer(kept)


@takes_files
class GenericDoor(_Door):
    """JSON of any shape, read by the mapping of the source that the address names."""

    shape = SourceKind.GENERIC

    @extend_schema(operation_id="integrations_alerts_create", request=_BODY, responses={202: AlertsTakenShown})
    def take(self, request: Request, source: str) -> Response:
        """As its mapping says; what it cannot read is parked where an administrator finds it."""
        return self.answer(self.taken(sources.source_named(source, actor=self.actor))[0])


class RoutingKey(BaseAuthentication):
    """The token stands in the body, as `routing_key`; a header is understood too."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """Raises TokenRefused."""
        if request.META.get("HTTP_AUTHORIZATION"):
            return Bearer().authenticate(request)
        raw: Any = request._request.body if len(request._request.META.get("CONTENT_LENGTH") or "") < 8 else b""
        document = loads(raw, of_strangers=True) if raw else None
        key = document.get("routing_key") if isinstance(document, dict) else None
        if not isinstance(key, str):
            return None
        token = tokens.opened(key.strip(), timezone.now(), request.META.get("REMOTE_ADDR", ""))
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return Bearer().authenticate_header(request)


class EventTakenShown(serializers.Serializer[Any]):
    """As PagerDuty answers."""

    status = fields.Choice(choices=["success"])
    message = serializers.CharField()
    dedup_key = serializers.CharField()


@takes_files
class PagerdutyDoor(_Door):
    """Whatever speaks PagerDuty's Events API v2: its address is ours, its routing key a token."""

    shape = SourceKind.PAGERDUTY
    authentication_classes = (RoutingKey,)
    serializer_class = EventTakenShown

    @extend_schema(operation_id="integrations_pagerduty_enqueue", request=_BODY, responses={202: EventTakenShown})
    def take(self, request: Request) -> Response:
        """Trigger, acknowledge or resolve. Without a `dedup_key` one is made up, and answered."""
        _kept, document = self.taken(self.source())
        key = str(document.get("dedup_key") or "")[:128] or made_up(document)
        said = {"status": "success", "message": "Event processed", "dedup_key": key}
        return Response(EventTakenShown(said).data, status=202)
