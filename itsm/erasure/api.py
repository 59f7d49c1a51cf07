"""What is kept about one person, and erasing them, over REST: administrators."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import permissions, scopes
from itsm.accounts.models import User
from itsm.accounts.queues import rights_in_queues
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Strict
from itsm.api.viewsets import Rows
from itsm.erasure import exporting, operations, queries
from itsm.erasure.models import Erasure, PersonExport

_KEEP = Entry(permissions.people_keepers, scopes.PEOPLE_WRITE)


class Erasing(Strict):
    """`login`: typed once more, for nothing brings the names back."""

    login = fields.Text(max_length=150)


class ErasureShown(serializers.Serializer[Any]):
    """What erasing somebody would mask, or how far it is. `found`: rows by table and column, null where the reader does
    not see all queues; `blocked`: why it cannot be done; `state`: kept, erasing, erased."""

    login = serializers.CharField()
    state = serializers.CharField()
    percent = serializers.IntegerField()
    words = serializers.ListField(child=serializers.CharField())
    plain_words = serializers.ListField(child=serializers.CharField())
    found = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    masked = serializers.DictField(child=serializers.IntegerField())
    blocked = serializers.CharField(allow_blank=True)


class PersonExportShown(serializers.Serializer[Any]):
    """An export. `file`: where it is fetched with a browser, for a day; null until it is made, and after that."""

    login = serializers.CharField(source="user.username")
    percent = serializers.IntegerField()
    asked_at = fields.Instant(allow_null=True)
    ended_at = fields.Instant(allow_null=True)
    size = serializers.IntegerField()
    file = serializers.SerializerMethodField()

    def get_file(self, made: PersonExport) -> str | None:
        return f"/erasure/{made.user.username}/export/{made.pk}/" if made.ended_at and made.name else None


class PersonCustodyViewSet(Rows):
    """Custody of what is kept about people. Keyed by user name."""

    policy: ClassVar = {"erase": Entry(permissions.people_keepers), "begin_erasing": _KEEP,
                        "export": Entry(permissions.people_keepers), "begin_export": _KEEP}  # fmt: skip
    lookup_field = "username__iexact"
    lookup_url_kwarg = "login"
    lookup_value_regex = r"[\w.@+-]{1,150}"
    serializer_class = ErasureShown

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.all()

    @extend_schema(responses=ErasureShown, operation_id="people_erase_preview")
    @action(detail=True)
    def erase(self, request: Request, login: str) -> Response:
        """What would be masked now; how far it is, once it was begun."""
        return Response(self._shown(self.get_object()))

    @extend_schema(request=Erasing, responses={202: ErasureShown}, operation_id="people_erase")
    @erase.mapping.post
    def begin_erasing(self, request: Request, login: str) -> Response:
        """Begin to erase somebody who has left; it goes on by itself. A token is not enough for that."""
        person = self.get_object()
        operations.require_named(person, self.validated(Erasing)["login"])
        operations.begin(person, actor=self.actor)
        return Response(self._shown(person), status=202)

    def _shown(self, person: User) -> dict[str, Any]:
        counted = not rights_in_queues(self.actor).hidden
        found = queries.preview(person, counted=counted)
        made = found.erased
        said = {
            "login": person.username, "state": _state(made), "percent": made.percent if made else 0,
            "words": found.words, "plain_words": found.plain, "found": found.found if counted else None,
            "masked": made.masked if made else {}, "blocked": found.blocked,
        }  # fmt: skip
        return dict(ErasureShown(said).data)

    @extend_schema(responses=PersonExportShown, operation_id="people_export_state")
    @action(detail=True)
    def export(self, request: Request, login: str) -> Response:
        """How far the newest export is; `asked_at` is null where none was asked for."""
        person = self.get_object()
        found = PersonExport.objects.select_related("user").filter(user=person).first()
        return Response(PersonExportShown(found or _none(person)).data)

    @extend_schema(request=Nothing, responses={202: PersonExportShown}, operation_id="people_export")
    @export.mapping.post
    def begin_export(self, request: Request, login: str) -> Response:
        """Begin to write everything that is kept about a person into one file. A token is not enough for that."""
        self.validated(Nothing)
        return Response(PersonExportShown(exporting.begin(self.get_object(), actor=self.actor)).data, status=202)


def _none(person: User) -> PersonExport:
    made = PersonExport(user=person)
    made.asked_at = None  # type: ignore[assignment]  # nothing was asked for, and nothing is stored
    return made


def _state(made: Erasure | None) -> str:
    return "kept" if made is None else "erased" if made.ended_at else "erasing"


def register(router: Router) -> None:
    router.register("people", PersonCustodyViewSet, basename="custody")
