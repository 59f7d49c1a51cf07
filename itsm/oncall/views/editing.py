"""Making a schedule, and its editor: layers as people type them, looked at before they hold."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.oncall import operations, permissions
from itsm.oncall.forms import LayerForm, ScheduleForm, a_new_layer, typed_layers
from itsm.oncall.models import Schedule
from itsm.oncall.operations import Said
from itsm.oncall.views.reading import NOT_KEPT, kept, reader
from itsm.oncall.views.showing import picture
from itsm.oncall.vocabulary import MAX_LAYERS
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted, word_posted

PREVIEWED = 14


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Name, team and zone; the layers come next."""
    actor = actor_permitted(request, permissions.makers, str(NOT_KEPT))
    form = ScheduleForm(posted(request), initial={"zone": timezone.get_current_timezone_name()})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.create_schedule(actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Now say who takes turns. Nobody is paged before it goes live."))
            return redirect_after_write(request, f"{made.get_absolute_url()}edit/")
        status = refused.status
    return render(request, "oncall/new.html", {"form": form, "here": "now"}, status=status)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The schedule and its layers. "Look first" shows the next two weeks as they would be, "Save" lets them hold."""
    actor, found = kept(request, slug)
    at = timezone.now()
    about = {"name": found.name, "team": found.team, "zone": found.zone}
    form = ScheduleForm(posted(request), initial=about)
    layers = _layer_forms(request, found)
    more: dict[str, Any] = {}
    status = 200 if request.method == "GET" else 422
    used = [one for one in layers if not _is_blank(one)]
    if request.method == "POST" and form.is_valid() and all(one.is_valid() for one in used):
        with form_errors_from(form) as refused:
            said = [one.said() for one in sorted(used, key=lambda one: one.cleaned_data["place"])]
            if word_posted(request, "how", "look", "save") == "look":
                more, status = _looked_at(found, said, actor), 200
            else:
                version = version_posted(request)
                saved = operations.edit_schedule(
                    found, actor=actor, version=version, at=at, layers=said, **form.cleaned_data
                )
                messages.success(request, _("It holds from now on. What was, stands."))
                return redirect_after_write(request, saved.get_absolute_url())
        status = status if more else refused.status
    context = {"schedule": found, "form": form, "forms": layers, "here": "now", **more}
    return render(request, "oncall/edit.html", context, status=status)


def _layer_forms(request: HttpRequest, found: Schedule) -> list[LayerForm]:
    """Those of the layers, and an empty one for another."""
    if request.method == "POST":
        sent = [place for place in range(MAX_LAYERS + 1) if f"layer{place}-unit" in request.POST]
        return [LayerForm(request.POST, prefix=f"layer{place}") for place in sent]
    begun = typed_layers(operations.said_now(found, timezone.now()))
    today = timezone.localdate()
    monday: date = today - timedelta(days=today.weekday())
    begun += [a_new_layer(found.zone, len(begun) + 1, monday)] if len(begun) < MAX_LAYERS else []
    return [LayerForm(initial=one, prefix=f"layer{place}") for place, one in enumerate(begun)]


def _is_blank(form: LayerForm) -> bool:
    return not str(form.data.get(f"{form.prefix}-people", "")).strip()


def _looked_at(found: Schedule, said: list[Said], actor: Actor) -> dict[str, Any]:
    at = timezone.now()
    rota = operations.previewed_rota(found, said, at - timedelta(days=1), at + timedelta(days=PREVIEWED + 1))
    first = timezone.localdate()
    return {"looked_at": True, **picture(found, first, PREVIEWED, actor, at, rota)}


@login_required
@require_POST
def step_of_schedule(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """`go-live`, or `retire`."""
    reader(request)
    actor, found = kept(request, slug)
    version, at = version_posted(request), timezone.now()
    if action == "go-live":
        operations.go_live(found, actor=actor, version=version, at=at)
        messages.success(request, _("It pages from now on."))
    elif action == "retire":
        operations.retire_schedule(found, actor=actor, version=version, at=at)
        messages.success(request, _("It is retired: it pages nobody any more. What was stays."))
    else:
        raise Http404
    return redirect_after_write(request, found.get_absolute_url())
