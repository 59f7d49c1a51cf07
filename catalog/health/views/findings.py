"""What is wrong, row by row: tasks for what is listed, and living with one for a while."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from catalog.cmdb.operations import tick_task
from catalog.cmdb.permissions import item_editors
from catalog.cmdb.queries.classes import living_classes
from catalog.cmdb.queries.items import by_reference
from catalog.cmdb.queries.tasks import tasks_of_item
from catalog.cmdb.views.reading import reader
from catalog.health import operations, permissions
from catalog.health.filters import FindingFilter
from catalog.health.forms import AcceptForm
from catalog.health.models import Finding
from catalog.health.queries.listing import findings_of, living_items, open_tasks_of, visible_findings
from catalog.health.queries.words import items_named, sentence
from catalog.health.vocabulary import MEANINGS, MOST_TASKS, Kind
from itsm.accounts.models import Team
from itsm.accounts.permissions import contributors
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, render_partial, version_posted
from itsm.ui.paging import at_most, paged


@login_required
def findings(request: HttpRequest) -> HttpResponse:
    actor = reader(request)
    chosen = FindingFilter(request.GET, queryset=visible_findings(actor), request=request)
    page = paged(chosen.qs, request.GET)
    context = {
        "filter": chosen, "page": page, "count": at_most(chosen.qs, 1000), "lines": _lines(actor, page.rows),
        "items": at_most(chosen.qs.order_by().values("ci").distinct(), 1000),
        "without_task": at_most(chosen.qs.filter(task=None), MOST_TASKS), "most": MOST_TASKS,
        "classes": living_classes(), "teams": Team.objects.all(), "query": request.GET.urlencode(),
        "looked_at": living_items(actor).exists,  # asked where nothing is found
        "may_give": permissions.task_givers(actor), "may_accept": permissions.accepters(actor),
    }  # fmt: skip
    return render(request, "catalog/health/findings.html", context)


def _lines(actor: Actor, rows: list[Finding]) -> list[dict[str, Any]]:
    named = items_named(actor, rows)
    return [{"finding": one, "text": sentence(one, named)} for one in rows]


@login_required
def of_item(request: HttpRequest, reference: str) -> HttpResponse:
    """A part of the item's page: what is wrong with it."""
    actor = reader(request)
    item = by_reference(actor, reference)
    found = findings_of(item, timezone.now())
    context = {"item": item, "lines": _lines(actor, found), "tasks": open_tasks_of(item), "now": timezone.now()}
    context["may_tick"] = item_editors(actor, item)
    title = gettext("Health of %(item)s") % {"item": item.name}
    return render_partial(request, "catalog/health/partials/of_item.html", context, title=title, back=item)


@login_required
@require_POST
def tick(request: HttpRequest, reference: str, task: str) -> HttpResponse:
    """What was to do on an item is done."""
    actor = reader(request)
    item = by_reference(actor, reference)
    tick_task(item, get_object_or_404(tasks_of_item(item), pk=int(task)), actor=actor, done=True)
    return redirect_after_write(request, item.get_absolute_url())


@login_required
@require_POST
def give_tasks(request: HttpRequest) -> HttpResponse:
    """One task for each finding that the list shows and that has none; `finding`: for that one alone."""
    actor = reader(request)
    asked = QueryDict(request.POST.get("query", "")[:500])
    if one := request.POST.get("finding", ""):
        pk = int(one) if one.isascii() and one.isdigit() and len(one) < 19 else 0
        rows = visible_findings(actor).filter(pk=pk)
    else:
        rows = FindingFilter(asked, queryset=visible_findings(actor), request=request).qs
    given = operations.give_tasks(list(rows.filter(task=None)[:MOST_TASKS]), actor=actor, at=timezone.now())
    messages.success(request, ngettext("%(n)d task given.", "%(n)d tasks given.", given) % {"n": given})
    return redirect_after_write(request, f"{reverse('health:findings')}?{asked.urlencode()}")


@login_required
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding; who may lives with it from here."""
    actor = reader(request)
    found = get_object_or_404(visible_findings(actor), pk=pk)
    form = AcceptForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and (form.is_valid() or not permissions.accepters(actor, found)):
        with form_errors_from(form) as refused:
            said = {"until": timezone.now(), "why": "", **form.cleaned_data}
            operations.accept(found, actor=actor, at=timezone.now(), version=version_posted(request), **said)
            messages.success(request, gettext("It counts as bad no longer, until then."))
            return redirect_after_write(request, reverse("health:findings"))
        status = refused.status
    context = {
        "finding": found, "text": sentence(found, items_named(actor, [found])), "form": form,
        "may_accept": permissions.accepters(actor), "now": timezone.now(),
        "may_propose": contributors(actor),
        "meaning": MEANINGS[Kind(found.finding_kind)],
        "may_give": permissions.task_givers(actor) and found.task_id is None and found.cleared_at is None,
    }  # fmt: skip
    return render(request, "catalog/health/finding.html", context, status=status)


@login_required
@require_POST
def take_up_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Live with it no longer."""
    actor = reader(request)
    found = get_object_or_404(visible_findings(actor), pk=pk)
    operations.take_up_again(found, actor=actor, version=version_posted(request))
    return redirect_after_write(request, found.get_absolute_url())
