"""Pages of where alerts come from and whose they are: sources with a preview, rules with a bench."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.alerts_in.forms import BenchForm, RoutingForm, SourceForm, as_typed
from incidents.alerts_in.models import AlertSource
from incidents.alerts_in.operations import routings
from incidents.alerts_in.operations import sources as operations
from incidents.alerts_in.queries import bench, stream
from incidents.alerts_in.rules import written
from incidents.alerts_in.views.stream import _keeper, _reader, _tabs
from incidents.alerts_in.vocabulary import SourceKind
from itsm.approvals.views import waits
from itsm.notifications.web_addresses import our_address
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted, word_posted
from itsm.ui.sending import repeatable

DOORS = {
    SourceKind.ALERTMANAGER: "alertmanager/", SourceKind.GRAFANA: "grafana/", SourceKind.CDEVENTS: "cdevents/",
    SourceKind.PAGERDUTY: "pagerduty/v2/enqueue",
}  # fmt: skip


def door_of(source: AlertSource) -> str:
    """Where it sends to."""
    end = DOORS.get(SourceKind(source.shape), f"alerts/{source.slug}/")
    return our_address(f"/api/v1/integrations/{end}")


@login_required
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Where alerts come from, and how it is."""
    actor = _reader(request)
    rows = [(one, door_of(one)) for one in stream.sources(actor)]
    first = our_address("/api/v1/integrations/alertmanager/")
    context = {"rows": rows, "first_door": first, **_tabs(actor)}
    return render(request, "incidents/alerts_in/sources.html", context)


@repeatable
@login_required
def new_source(request: HttpRequest) -> HttpResponse:
    """Write one, try it with a body, keep it."""
    actor = _keeper(request)
    form = SourceForm(posted(request))
    if request.method == "POST" and form.is_valid():
        if word_posted(request, "how", "save", "try") == "try":
            return _editor(request, form, tried=_tried(form))
        with form_errors_from(form) as refused:
            made = operations.add_source(actor=actor, **form.said())
            return redirect_after_write(request, reverse("alerts:source", args=[made.slug]))
        return _editor(request, form, status=refused.status)
    return _editor(request, form, status=422 if request.method == "POST" else 200)


@repeatable
@login_required
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit one, or try what it would make of a body."""
    actor = _keeper(request)
    found = get_object_or_404(stream.sources(actor), slug=slug)
    form = SourceForm(posted(request), initial=as_typed(found))
    form.fields["slug"].disabled = form.fields["shape"].disabled = True
    if request.method == "POST" and form.is_valid():
        how = word_posted(request, "how", "save", "try")
        if how == "try":
            return _editor(request, form, source=found, tried=_tried(form))
        said = {name: value for name, value in form.said().items() if name not in {"slug", "shape"}}
        with form_errors_from(form) as refused:
            operations.edit_source(found, actor=actor, version=form.cleaned_data["version"], **said)
            messages.success(request, _("It holds for what comes from now on."))
            return redirect_after_write(request, reverse("alerts:sources"))
        return _editor(request, form, source=found, status=refused.status)
    return _editor(request, form, source=found, status=422 if request.method == "POST" else 200)


def _tried(form: SourceForm) -> bench.Bench | None:
    """What the mapping in the form reads in the body in the form; None where it is refused, which the form says."""
    words = form.cleaned_data
    if words["body"] is None:
        form.add_error("body", _("Paste a body to try it with."))
        return None
    with form_errors_from(form):
        mapping = operations.checked_mapping(words["mapping"])
        names = ("slug", "name", "shape", "service_label", "environment_label", "settle", "group_by")
        typed = AlertSource(mapping=mapping, **{name: words[name] for name in names})
        return bench.try_body(typed, words["body"])
    return None


def _editor(
    request: HttpRequest, form: SourceForm, *, source: AlertSource | None = None, tried: Any = None, status: int = 200
) -> HttpResponse:
    door = door_of(source) if source else ""
    context = {"form": form, "source": source, "tried": tried, "door": door}
    return render(request, "incidents/alerts_in/source.html", context, status=422 if form.errors else status)


@login_required
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """It takes nothing any more."""
    actor = _keeper(request)
    found = get_object_or_404(stream.sources(actor), slug=slug)
    operations.retire_source(found, actor=actor, version=version_posted(request))
    return redirect_after_write(request, reverse("alerts:sources"))


@login_required
def routing(request: HttpRequest) -> HttpResponse:
    """The rules that hold; whoever keeps them proposes the next version here."""
    actor = _reader(request) if request.method == "GET" else _keeper(request)
    held = routings.held(at=timezone.now())
    typed = {"rules": written.write(held.rules), "version": held.version}
    form = RoutingForm(posted(request), initial=typed)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            _held, asked = routings.propose_rules(actor=actor, at=timezone.now(), **form.cleaned_data)
            return waits(request, asked)
        status = refused.status
    return _bench(request, form, BenchForm(initial={"rules": typed["rules"]}), held=held, status=status)


@repeatable
@login_required
@require_POST
def try_routing(request: HttpRequest) -> HttpResponse:
    """Which rule each alert of a body meets. Nothing becomes of it."""
    _reader(request)
    held = routings.held(at=timezone.now())
    form = RoutingForm(initial={"rules": written.write(held.rules), "version": held.version})
    trial = BenchForm(posted(request))
    tried = None
    if trial.is_valid():
        form = RoutingForm(initial={"rules": request.POST.get("rules", ""), "version": held.version})
        with form_errors_from(trial):
            words = trial.cleaned_data
            tried = bench.try_body(words["source"], words["body"], rules=routings.require_sound(words["rules"]))
    status = 200 if tried is not None else 422
    return _bench(request, form, trial, held=held, tried=tried, status=status)


def _bench(
    request: HttpRequest, form: RoutingForm, trial: BenchForm, *, held: Any, tried: Any = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form, "trial": trial, "held": held, "tried": tried, **_tabs(_reader(request)),
        "rows": [(number, one["name"], routings.in_words(one)) for number, one in enumerate(held.rules, 1)],
        "has_sources": AlertSource.objects.filter(retired_at=None).exists(),
    }  # fmt: skip
    return render(request, "incidents/alerts_in/routing.html", context, status=status)
