"""The models that make a change standard."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services.permissions import standard_authorisers
from catalog.services.queries import visible_services
from changes.change_models import operations as modelling
from changes.change_models import queries
from changes.change_models.forms import BoundsForm, ModelForm, typed
from changes.change_models.models import ChangeModel, ModelVersion
from changes.change_models.operations import versioning
from changes.change_models.permissions import model_deciders, model_writers, version_deciders
from changes.change_models.rules.bounds import as_kept
from changes.change_models.vocabulary import VersionStatus
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.permissions import staff
from itsm.audit.recording import timeline
from itsm.kernel.errors import NotPermitted
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, version_posted, word_posted

_MOST_VERSIONS = 100
_EDITED = (ChangeModel.Status.APPROVED, ChangeModel.Status.SUSPENDED)


@login_required
def models(request: HttpRequest) -> HttpResponse:
    """The change models; who writes one proposes it."""
    actor = actor_permitted(request, staff, _("Change models are for people who work here."))
    if request.method == "POST" and not model_writers(actor):
        raise NotPermitted(_("Engineers, service owners and change managers, people, propose change models."))
    form = ModelForm(visible_services(actor), posted(request), initial=_asked_for(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            modelling.propose_model(actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Proposed: it makes nothing standard before another person approves it."))
            return redirect("changes:models")
        status = refused.status
    context = {
        "form": form, "models": queries.models(timezone.now()), "may_approve": standard_authorisers(actor),
        "may_write": model_writers(actor),
    }  # fmt: skip
    return render(request, "changes/change_models/models.html", context, status=status)


def _asked_for(request: HttpRequest) -> dict[str, str]:
    """What a candidate fills in; a person reads it and proposes it."""
    names = ("service", "repository", "workflow_name")
    told = {name: request.GET[name][:200] for name in names if name in request.GET}
    return told | ({"slug": f"{told['service']}-deployment"[:63]} if told.get("service") else {})


@login_required
def model(request: HttpRequest, slug: str) -> HttpResponse:
    """One model: its bounds in words, its versions, its history; the next version is written here."""
    actor = actor_permitted(request, staff, _("Change models are for people who work here."))
    if request.method == "POST" and not model_writers(actor):
        raise NotPermitted(_("Engineers, service owners and change managers, people, propose change models."))
    found = get_object_or_404(ChangeModel.objects.select_related("service", "approved_by", "proposed_by"), slug=slug)
    versions = list(found.versions.select_related("written_by", "approved_by")[:_MOST_VERSIONS])
    draft = next((one for one in versions if one.state == VersionStatus.DRAFT), None)
    held = as_kept(found)
    form = BoundsForm(visible_services(actor), posted(request), initial=typed(found, draft.bounds if draft else held))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            versioning.write_version(
                found, actor=actor, version=version_posted(request), at=timezone.now(), **form.cleaned_data
            )
            messages.success(request, _("Kept as a draft: it holds once another person approved it."))
            return redirect(found)
        status = refused.status
    context = {
        "model": found, "bounds": queries.bounds_in_words(found, held), "form": form, "draft": draft,
        "moved": _moved(found, held, draft), "versions": versions,
        "certified_until": found.certified_at + queries.CERTIFIED_FOR, "events": activity(found, list(timeline(found))),
        "may_approve": standard_authorisers(actor),
        "may_approve_draft": draft is not None and version_deciders(actor, draft),
        "may_approve_model": model_deciders(actor, found),
        "may_write": model_writers(actor) and found.status in _EDITED,
    }  # fmt: skip
    return render(request, "changes/change_models/model.html", context, status=status)


def _moved(found: ChangeModel, held: dict[str, Any], draft: ModelVersion | None) -> list[tuple[str, str, str]]:
    """(bound, what holds, what the draft says), where they differ."""
    if draft is None or draft.number <= found.number:
        return []
    now, then = queries.bounds_in_words(found, held), queries.bounds_in_words(found, draft.bounds)
    return [(name, was, said) for (name, was), (_name, said) in zip(now, then, strict=True) if was != said]


@login_required
@require_POST
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Approve a draft of a version, or discard it."""
    found = get_object_or_404(ChangeModel, slug=slug)
    actor, read = actor_of(request), version_posted(request)
    if not model_writers(actor):
        raise NotPermitted(_("Engineers, service owners and change managers, people, propose change models."))
    if word_posted(request, "how", "approve", "discard") == "discard":
        versioning.discard_version(found, number, actor=actor, version=read)
        messages.success(request, _("Version %(number)s is discarded.") % {"number": number})
    else:
        versioning.approve_version(found, number, actor=actor, version=read, at=timezone.now())
        messages.success(request, _("Version %(number)s holds from now on.") % {"number": number})
    return redirect(found)


@login_required
@require_POST
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """Approve what is proposed, suspend a model, or retire it: by the button that was used."""
    model = get_object_or_404(ChangeModel, slug=slug)
    actor, version = actor_of(request), version_posted(request)
    if not standard_authorisers(actor):
        raise NotPermitted(_("Service owners, or an administrator, decide about change models."))
    how = word_posted(request, "how", "approve", "suspend", "retire")
    if how == "approve":
        modelling.approve_proposed(model, actor=actor, version=version, at=timezone.now())
        messages.success(request, _("Approved: deployments within these bounds are standard changes now."))
    elif how == "retire":
        modelling.retire_model(model, actor=actor, version=version)
        messages.success(request, _("%(model)s is retired.") % {"model": slug})
    else:
        because = request.POST.get("because", "")[:200] or _("stopped by %(name)s") % {"name": actor.name}
        modelling.suspend_model(model, actor=actor, version=version, because=because)
        messages.success(request, _("%(model)s is suspended; its users are told.") % {"model": slug})
    return redirect("changes:models")


@login_required
@require_POST
def certify(request: HttpRequest, slug: str) -> HttpResponse:
    model = get_object_or_404(ChangeModel, slug=slug)
    modelling.certify_model(model, actor=actor_of(request), version=version_posted(request), at=timezone.now())
    messages.success(request, _("%(model)s is certified for another 180 days.") % {"model": slug})
    return redirect("changes:models")
