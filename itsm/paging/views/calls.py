"""Pages, escalations and the delivery log, as people meet them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.errors import NotPermitted, WrongState
from itsm.paging import operations, permissions
from itsm.paging.filters import PageFilter
from itsm.paging.forms import HandOverForm
from itsm.paging.models import Escalation
from itsm.paging.queries import reading
from itsm.paging.vocabulary import PageStatus
from itsm.ui.activity import activity
from itsm.ui.htmx import done_or_told, posted, redirect_after_write
from itsm.ui.paging import paged


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What waits for my answer, with one large button each; and what I was called for."""
    actor = actor_of(request)
    own = reading.own_pages(actor)
    page = paged(own.exclude(state=PageStatus.OPEN), request.GET, ("-id",))
    waiting = own.filter(state=PageStatus.OPEN).order_by("-id")[:50]
    context = {"waiting": waiting, "page": page, "hidden": reading.hidden_from(actor)}
    return render(request, "paging/mine.html", context)


@login_required
def log(request: HttpRequest) -> HttpResponse:
    """The delivery log: who was called when, by which way, and how each try went."""
    actor = actor_permitted(request, permissions.staff, _("The delivery log is for people who work here."))
    found = PageFilter(request.GET, queryset=reading.pages(actor))
    page = paged(found.qs, request.GET, ("-id",))
    return render(request, "paging/log.html", {"page": page, "filter": found, "hidden": reading.hidden_from(actor)})


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One page with every try."""
    actor = actor_of(request)
    found = reading.page_numbered(actor, pk)
    may = found.is_open and permissions.page_answerers(actor, found)
    return render(request, "paging/page.html", {"one": found, "may_answer": may, "hidden": reading.hidden_from(actor)})


@login_required
@require_POST
def acknowledge_page(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    found = reading.page_numbered(actor, pk)
    try:
        operations.acknowledge_page(found, actor=actor, at=timezone.now())
        messages.success(request, _("You hold it: nobody else is called."))
    except WrongState as refused:
        messages.info(request, refused.detail)
    return redirect_after_write(request, found.path if found.is_open else "/pages/")


@login_required
def escalation(request: HttpRequest, reference: str) -> HttpResponse:
    """One escalation: every step that was taken, whom it called, and what comes next."""
    actor = actor_of(request)
    found = reading.escalation_called(actor, reference)
    pages = list(reading.pages(actor).filter(escalation=found).order_by("pk"))
    by_step: dict[tuple[int, int], list[Any]] = {}
    for one in pages:
        by_step.setdefault((one.round, one.step), []).append(one)
    taken = [(one, by_step.get((one.round, one.step), [])) for one in found.taken.order_by("pk")]
    context = {"escalation": found, "taken": taken, **_may(actor, found)}
    context["hidden"] = reading.hidden_from(actor)
    context["story"] = activity(found, reading.history_of(found), [])
    return render(request, "paging/escalation.html", context)


def _may(actor: Any, found: Escalation) -> dict[str, bool]:
    steps = {one.action for one in found.workflow.open_to(actor, found)}
    return {"may_acknowledge": "acknowledge" in steps, "may_hand_over": "hand_over" in steps}


@login_required
@require_POST
def acknowledge(request: HttpRequest, reference: str) -> HttpResponse:
    actor = actor_of(request)
    found = reading.escalation_called(actor, reference)
    operations.acknowledge(found, actor=actor, at=timezone.now())
    messages.success(request, _("You hold it: nobody else is called."))
    return redirect_after_write(request, found.get_absolute_url())


@login_required
def hand_over(request: HttpRequest, reference: str) -> HttpResponse:
    """Others are called from now on, by another policy or from the first step."""
    actor = actor_of(request)
    found = reading.escalation_called(actor, reference)
    if not permissions.answerers(actor, found):
        raise NotPermitted(_("Whoever was paged hands it over, and who works on what lies in its queue."))
    form = HandOverForm(reading.policies(actor).filter(live_at__isnull=False).order_by("name"), posted(request))

    def told(status: int) -> HttpResponse:
        return render(request, "paging/hand_over.html", {"form": form, "escalation": found}, status=status)

    if request.method != "POST":
        return told(200)
    return done_or_told(
        request, form,
        lambda: operations.hand_over(
            found, actor=actor, at=timezone.now(), reason=form.cleaned_data["reason"],
            policy=form.cleaned_data["policy"],
        ),
        found.get_absolute_url(), told,
    )  # fmt: skip
