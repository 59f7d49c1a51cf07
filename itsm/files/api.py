"""Files over REST: how a form that carries one is read, and what the files of every record have in common."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from itsm.api.filters import refuse_unknown
from itsm.api.viewsets import Rows
from itsm.files import operations, queries
from itsm.files.models import Attachment
from itsm.files.permissions import withdrawers
from itsm.files.receiving import Received
from itsm.files.vocabulary import INLINE, ShownType
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound

KEY = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
BYTES = {(200, str(kind)): OpenApiTypes.BINARY for kind in (*INLINE, ShownType.OTHER)}
_OVERHEAD = 10_000  # of a form around its file


def may_withdraw(actor: Actor, attachment: Attachment) -> bool:
    """Who may take it back now."""
    return withdrawers(actor, attachment, timezone.now())


def sent_with_file(view: Any, shape: type[Serializer[Any]]) -> dict[str, Any]:
    """The parts of a form with a `file`, as `shape` reads them.

    Raises InvalidInput (a part that came twice), FileTooLarge and Unavailable (before the rest is looked at), and the
    shape's own refusals, all at once.
    """
    body = cast(QueryDict, view.request.data)
    if twice := sorted(name for name, values in body.lists() if len(values) > 1):
        raise InvalidInput(
            gettext("Send each part once; %(names)s came more often.") % {"names": ", ".join(twice)[:80]},
            {name[:80]: [gettext("Send it once.")] for name in twice[:20]},
        )
    if (one := body.get("file")) is not None and isinstance(one, Received):
        operations.require_usable([one])
    given = shape(data=body.dict(), context=view.get_serializer_context())
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class FileSent(Rows):
    """What is sent as a form with a file; nothing is listed here."""

    parser_classes = (MultiPartParser,)
    filter_backends = ()


class FileRows(FileSent):
    """Files by their keys, sent as forms."""

    lookup_field = "key"
    lookup_value_regex = KEY

    def list(self, request: Request, **path: str) -> Response:
        """Those that you may see, the newest first."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class RecordFiles(FileRows):
    """What was attached to one record, each file as private as the note that it came with.

    `record`: the record of the path, NotFound where the actor may not see it. `readers`: who reads private notes too.
    `notes_on(record, with_private=)`: what was said on it.
    """

    readers: ClassVar[Any]
    notes_on: ClassVar[Any]
    _BYTES_OF = ("content", "thumbnail")

    @property
    def record(self) -> Any:
        raise NotImplementedError

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """What finds no room is refused before anything of it is read."""
        super().initial(request, *args, **kwargs)
        if self.action == "create":
            size = max(0, int(request.META.get("CONTENT_LENGTH") or 0) - _OVERHEAD)
            operations.require_room(self.record, actor=self.actor, more=1, size=size)

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """Bytes are what they are, whatever the client prefers."""
        return super().perform_content_negotiation(request, force=self.action in self._BYTES_OF or force)

    def visible_rows(self) -> QuerySet[Attachment]:
        record = self.record
        reads_all = type(self).readers(self.actor, record)
        written = type(self).notes_on(record, with_private=reads_all)
        found = queries.readable_by(self.actor, reads_all=reads_all)
        return found.filter(note__in=[note.pk for note in written])

    def get_object(self) -> Any:
        if "key" not in self.kwargs:
            return self.record
        found = self.visible_rows().filter(key=self.kwargs["key"]).first()
        if found is None:
            raise NotFound(gettext("There is no such file, or you may not see it."))
        return found

    def retrieve(self, request: Request, **path: str) -> Response:
        return self.respond(self.get_object())
