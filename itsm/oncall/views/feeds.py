"""Feeds of shifts: made and taken back by whose they are, read by programs that know nothing but the address."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from itsm.oncall import operations
from itsm.oncall.forms import FeedForm
from itsm.oncall.queries.feeds import feed_opened_by, feeds_of, text_of
from itsm.oncall.views.reading import reader
from itsm.oncall.views.showing import mine_page
from itsm.ui.htmx import form_errors_from, redirect_after_write, version_posted


@login_required
@require_POST
def feeds(request: HttpRequest) -> HttpResponse:
    """A new one, whose address is shown this once."""
    actor = reader(request)
    form, status = FeedForm(request.POST), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            _feed, token = operations.make_feed(actor=actor, at=timezone.now(), **form.cleaned_data)
            address = request.build_absolute_uri(f"/on-call/feeds/{token}.ics")
            return mine_page(request, actor, {"address": address})
        status = refused.status
    return mine_page(request, actor, {"feed_form": form}, status)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    actor = reader(request)
    found = get_object_or_404(feeds_of(actor), pk=pk)
    operations.revoke_feed(found, actor=actor, version=version_posted(request), at=timezone.now())
    messages.success(request, _("Taken back: its address opens nothing any more."))
    return redirect_after_write(request, reverse("oncall:mine"))


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed that this token opens; what opens none is not there."""
    found = feed_opened_by(token)
    if found is None:
        raise Http404
    answer = HttpResponse(text_of(found, timezone.now()), content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Content-Disposition"] = 'inline; filename="on-call.ics"'
    return answer
