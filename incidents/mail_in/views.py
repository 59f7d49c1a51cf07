"""The page's own step on an incident that began with a mail that somebody passed on."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from incidents.incident import queries
from incidents.mail_in import operations
from itsm.accounts.actors import actor_of
from itsm.ui.htmx import redirect_after_write


@login_required
@require_POST
def make_caller(request: HttpRequest, reference: str) -> HttpResponse:
    """Who wrote the mail in the mail is the caller."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    operations.make_sender_caller(incident, actor=actor)
    return redirect_after_write(request, incident.get_absolute_url())
