"""Files on the record's page: taking one back. What is sent comes with a note, see record.py; bytes: itsm/files."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.incident import permissions, queries
from incidents.incident.operations import attaching
from itsm.accounts.actors import actor_of
from itsm.files import queries as files
from itsm.kernel.errors import NotFound
from itsm.ui.htmx import redirect_after_write


@login_required
@require_POST
def withdraw(request: HttpRequest, reference: str, key: UUID) -> HttpResponse:
    """Nobody is given it any more."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    reads_all = permissions.readers(actor, incident)
    shown = files.put_on(queries.notes_on(incident, with_private=reads_all), actor, reads_all=reads_all)
    found = next((one for one in shown if one.key == key), None)
    if found is None:
        raise NotFound(_("There is no such file, or you may not see it."))
    attaching.withdraw_file(incident, found, actor=actor)
    return redirect_after_write(request, f"{incident.get_absolute_url()}#files")
