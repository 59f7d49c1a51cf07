"""The bytes of files, for who may have them."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from itsm.accounts.actors import actor_of
from itsm.files import answering, queries


@login_required
@require_safe
def file(request: HttpRequest, key: UUID) -> FileResponse:
    """The file; `?download` where it is to be saved, not shown."""
    return answering.bytes_of(queries.by_key(actor_of(request), key), download="download" in request.GET)


@login_required
@require_safe
def thumbnail(request: HttpRequest, key: UUID) -> FileResponse:
    """Its small picture."""
    return answering.thumbnail(queries.by_key(actor_of(request), key))
