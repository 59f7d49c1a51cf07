"""Who has which share of what headroom, who spent what; giving, changing and taking back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.services.queries import visible_services
from changes.allowances import operations, permissions, queries, rules
from changes.allowances.forms import GiveForm, ShareForm, TakeBackForm
from changes.allowances.models import Allowance
from changes.allowances.queries import spending
from changes.allowances.views import pictures
from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, render_partial, version_posted
from itsm.ui.paging import paged

ENDED_SHOWN = 10


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.staff, _("Allowances are for people who work here."))


def _require_giver(may: bool) -> None:
    if not may:
        raise NotPermitted(_("Owners of the service and change managers, people, share out its headroom."))


@login_required
@require_http_methods(["GET", "POST"])
def allowances(request: HttpRequest) -> HttpResponse:
    """All that stand, with what was drawn on each; beside them a form to give one more."""
    actor = _reader(request)
    if request.method == "POST":
        _require_giver(permissions.givers(actor))
    # Whoever is asked for one comes by a link that says for whom, of what, and how much would do.
    initial = {name: request.GET[name][:150] for name in ("service", "agent", "team", "percent") if name in request.GET}
    form = GiveForm(visible_services(actor), posted(request), initial=initial)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.give(actor=actor, at=timezone.now(), **form.said())
            messages.success(request, _("Given: from now on it draws on its own share."))
            return redirect_after_write(request, reverse("allowances:list"))
        status = refused.status
    page = paged(queries.listed(actor).filter(ended_at=None), request.GET, ("service_id", "id"))
    ended = queries.listed(actor).exclude(ended_at=None).order_by("-ended_at")[:ENDED_SHOWN]
    context = {
        "page": page,
        "lines": pictures.lines(page.rows, spending.spent(page.rows, timezone.now())),
        "shared": queries.shared_out({one.service_id for one in page.rows}),
        "ended": ended,
        "form": form,
        "may_give": permissions.givers(actor),
        "weeks": spending.WEEKS,
        **_rules(),
    }
    return render(request, "changes/allowances/list.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def allowance(request: HttpRequest, pk: int) -> HttpResponse:
    """One, with its ledger; whoever may changes its share."""
    actor = _reader(request)
    found = get_object_or_404(queries.listed(actor), pk=pk)
    if request.method == "POST":
        _require_giver(permissions.keepers(actor, found))
    form = ShareForm(posted(request), initial={"percent": f"{found.share * 100:f}".rstrip("0").rstrip(".")})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.change_share(
                found, actor=actor, version=version_posted(request), at=timezone.now(), **form.said()
            )
            messages.success(request, _("Changed: it counts from the next answer on."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return _page(request, actor, found, form, TakeBackForm(), status)


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """End it at once."""
    actor = _reader(request)
    found = get_object_or_404(queries.listed(actor), pk=pk)
    _require_giver(permissions.keepers(actor, found))
    form = TakeBackForm(request.POST)
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            operations.take_back(
                found, actor=actor, version=version_posted(request), at=timezone.now(), **form.cleaned_data
            )
            messages.success(request, _("Taken back. What it let go and has not started is judged again."))
            return redirect_after_write(request, reverse("allowances:list"))
        status = refused.status
    share = ShareForm(initial={"percent": found.share * 100})
    return _page(request, actor, found, share, form, status)


def _page(
    request: HttpRequest, actor: Actor, found: Allowance, form: ShareForm, ending: TakeBackForm, status: int
) -> HttpResponse:
    line = pictures.lines([found], spending.spent([found], timezone.now()))[0]
    context = {
        "allowance": found,
        "line": line,
        "page": paged(queries.entries_of(found), request.GET),
        "form": form,
        "ending": ending,
        "may_change": found.ended_at is None and permissions.keepers(actor, found),
        "weeks": spending.WEEKS,
        **_rules(),
    }
    return render(request, "changes/allowances/allowance.html", context, status=status)


@login_required
@require_safe
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """A part for the page of a service: whose shares of its headroom."""
    actor = _reader(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    found = list(queries.listed(actor).filter(service=service, ended_at=None).order_by("id"))
    context = {
        "service": service,
        "lines": pictures.lines(found, spending.spent(found, timezone.now())) if found else [],
        "shared": queries.shared_out({service.pk}).get(service.pk, 0),
        "may_give": permissions.givers(actor, service),
    }
    title = _("Allowances on %(service)s") % {"service": service}
    return render_partial(request, "changes/allowances/for_service.html", context, title=title, back=service)


@login_required
@require_safe
def for_agent(request: HttpRequest, login: str) -> HttpResponse:
    """A part for the page of a software agent: of whose headroom it has a share, and how it gets one."""
    actor = _reader(request)
    agents = User.objects.select_related("agent").filter(account_type=User.AccountType.AGENT)
    agent = get_object_or_404(agents, username__iexact=login)
    found = list(queries.listed(actor).filter(agent=agent, ended_at=None).order_by("service_id"))
    context = {
        "agent": agent,
        "lines": pictures.lines(found, spending.spent(found, timezone.now())) if found else [],
        "is_own": actor.id == agent.owner_id,
        "may_give": permissions.givers(actor) and actor.id != agent.owner_id,
    }
    title = _("Allowances of %(agent)s") % {"agent": agent}
    return render_partial(request, "changes/allowances/for_agent.html", context, title=title, back=agent.agent)


def _rules() -> dict[str, Any]:
    return {"refill": rules.REFILL, "shrink": rules.SHRINK, "empty_below": rules.EMPTY_BELOW}
