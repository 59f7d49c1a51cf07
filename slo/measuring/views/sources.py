"""Data sources: how they are, how they are reached, and whether they answer now."""

from collections import Counter
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.approvals.views import waits
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import paged
from itsm.ui.sending import repeatable
from slo.engine.samples import epoch_minute
from slo.measuring import operations, permissions, queries
from slo.measuring.adapters.prometheus import Unusable, is_ready, range_query
from slo.measuring.forms.sources import EditSourceForm, NewSourceForm, source_as_typed
from slo.measuring.models import DataSource, Indicator
from slo.measuring.queries.servers import server_of
from slo.measuring.queries.trying import refusal_of
from slo.measuring.views.readers import reader_of

_LONGEST_QUERY = 4000


@login_required
def sources(request: HttpRequest) -> HttpResponse:
    actor = reader_of(request)
    rows = queries.sources(actor).annotate(
        used=Count("indicators"),
        unanswered=Coalesce(Sum("indicators__unanswered_minutes"), 0),
    )
    page = paged(rows, request.GET, ("slug",))
    wrong = Counter(
        Indicator.objects.filter(data_source__in=[one.pk for one in page])
        .exclude(failing_since=None, silent_queries={})
        .values_list("data_source", flat=True)
    )
    for one in page:
        one.wrong = wrong[one.pk]
    context = {
        "page": page,
        "may_set": permissions.authors(actor),
        "failing": sum(bool(one.failing_since) for one in page),
    }
    return render(request, "slo/measuring/sources.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = _author(request)
    form = NewSourceForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.create_source(actor=actor, slug=form.cleaned_data["slug"], **form.fields_said())
            _say_kept(request, made, _("Kept. Try now whether it answers."))
            return redirect_after_write(request, reverse("slo:edit_source", args=[made.slug]))
        status = refused.status
    return render(request, "slo/measuring/source_form.html", {"form": form}, status=status)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    actor = _author(request)
    source = _source(actor, slug)
    form = EditSourceForm(posted(request), initial=source_as_typed(source))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            version = form.cleaned_data["version"]
            kept = operations.edit_source(source, actor=actor, version=version, **form.fields_said())
            if kept.awaits is not None:
                return waits(request, kept.awaits)
            _say_kept(request, kept, _("Kept. The next pull uses it."))
            return redirect_after_write(request, reverse("slo:sources"))
        status = refused.status
    context = {"form": form, "source": source, "indicators": source.indicators.all()[:50]}
    return render(request, "slo/measuring/source_form.html", context, status=status)


@repeatable
@login_required
@require_POST
def try_it(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask the source now, as it is kept: whether it is ready, or for the last ten minutes of a query."""
    actor = _author(request)
    source = _source(actor, slug)
    query = request.POST.get("query", "").strip()[:_LONGEST_QUERY]
    is_good, sentence, values = _asked(source, query, timezone.now())
    context = {"source": source, "query": query, "is_good": is_good, "sentence": sentence, "values": values}
    template = "slo/measuring/partials/tried.html" if getattr(request, "htmx", False) else "slo/measuring/tried.html"
    return render(request, template, context)


def _say_kept(request: HttpRequest, source: DataSource, words: str) -> None:
    """That it was kept; and, where its address may not be asked as things are, how an administrator allows it."""
    refusal = refusal_of(source.url)
    if refusal:
        messages.warning(request, _("Kept, and not asked yet: %(refusal)s") % {"refusal": refusal})
    else:
        messages.success(request, words)


def _asked(source: DataSource, query: str, at: datetime) -> tuple[bool, str, list[tuple[str, str]]]:
    """(it answered well, what to say, newest values first)"""
    try:
        server = server_of(source)
        if not query:
            is_good = is_ready(server)
            return is_good, _("It answers queries.") if is_good else _("It answers, but gives no result."), []
        end = epoch_minute(at) - source.lag_minutes
        found = range_query(server, query, end - 10, end)
    except (OutgoingFailed, OutgoingRefused, Unusable) as error:
        return False, str(error), []
    values = [
        (f"{minute // 60 % 24:02d}:{minute % 60:02d} UTC", f"{value:f}") for minute, value in found.values.items()
    ]
    remarks = " ".join((*found.warnings, *found.infos))
    if not values:
        return False, " ".join((_("The query is understood, but gave nothing for the last ten minutes."), remarks)), []
    return not found.is_partial, " ".join((_("The query gives one number a minute."), remarks)).strip(), values[::-1]


def _author(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.authors, _("%(actor_name)s may not define data sources; engineers and owners may.")
    )


def _source(actor: Actor, slug: str) -> DataSource:
    source = queries.sources(actor).filter(slug=slug).first()
    if source is None:
        raise NotFound(_("There is no data source %(slug)s.") % {"slug": slug[:63]})
    return source
