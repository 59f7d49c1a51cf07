"""The base of every viewset: scoped rows, a policy entry per action, the actor at hand."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from rest_framework import serializers, viewsets
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.response import Response

from itsm.accounts.actors import actor_of
from itsm.accounts.reading import was_read
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.notifications.web_addresses import our_address

_WORDS = {"partial_update": "edit", "destroy": "delete", "deployments": "start", "finish_deployment": "finish"}


def _named(record: Any) -> str:
    return str(getattr(record, "reference", None) or getattr(record, "slug", None) or record)


def made(response: Response, record: Any) -> Response:
    """Say which record this answer shows, so that a repeated request can be shown it as it stands then."""
    response.made = str(record.pk)  # type: ignore[attr-defined]
    return response


class Rows(viewsets.GenericViewSet[Any]):
    """`rows()` is the only way to records: what this actor may see, nothing else."""

    policy: ClassVar[Mapping[str, Entry]] = {}
    metadata_class = None
    http_method_names = ["get", "head", "post", "patch", "delete"]  # what `Allow` may name

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        entry = self.policy[self.action]
        if entry.over is not None:
            record = self.get_object()
            if not entry.over(self.actor, record):
                raise NotPermitted(
                    gettext("%(name)s may not %(do)s %(reference)s.")
                    % {"name": self.actor.name, "do": _WORDS.get(self.action, self.action), "reference": _named(record)}
                )
            self._give(record)
        if request.method == "DELETE" and (request.META.get("CONTENT_LENGTH") or "").strip("0"):
            raise InvalidInput(gettext("Send no body with DELETE: nothing of it would be read."))

    def _give(self, record: Any) -> None:
        """The action asks for what was judged just now: it is given that, once; later it is read anew."""

        def given() -> Any:
            del vars(self)["get_object"]
            return record

        vars(self)["get_object"] = given

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Addresses leave the house absolute: a proxy in front may have a path of its own."""
        if response.has_header("Location"):
            response["Location"] = our_address(response["Location"])
        return super().finalize_response(request, response, *args, **kwargs)

    def visible_rows(self) -> QuerySet[Any]:
        """The records that `self.actor` may see."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            model: type[Model] = self.serializer_class.Meta.model  # type: ignore[union-attr]
            return model._default_manager.none()
        return self.visible_rows()

    def validated(self, serializer: type[serializers.Serializer[Any]], **options: Any) -> dict[str, Any]:
        """The validated body, or a 400 that lists everything wrong with it."""
        body = self.request.data
        if isinstance(body, QueryDict):  # an empty form: its absent boxes would read as "no"
            raise UnsupportedMediaType(str(self.request.content_type))
        if issubclass(serializer, Strict) and not options:
            return serializer.read_body(body, self.get_serializer_context())
        given = serializer(data=body, context=self.get_serializer_context(), **options)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def respond(self, record: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        response = Response(self.get_serializer(record).data, status=status, headers=dict(headers or {}))
        version = getattr(record, "version", None)
        if version is not None:
            response["ETag"] = f'"{version}"'
        return made(response, record)

    def made_before(self, key: str) -> Any:
        """What an earlier request to this action made (`key`: its primary key), as it stands now; None where gone."""
        return self.visible_rows().filter(pk=key).first()


class Readable(Rows):
    """list and retrieve."""

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        if getattr(self, "filterset_class", None) is None:
            refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        was_read(record, self.actor)
        return self.respond(record)
