"""The models that make a change standard."""

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
from changes.change_models.forms import ModelForm
from changes.change_models.models import ChangeModel
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.permissions import staff
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, version_posted


@login_required
def models(request: HttpRequest) -> HttpResponse:
    """The change models; service owners approve new ones."""
    actor = actor_permitted(request, staff, _("Change models are for people who work here."))
    if request.method == "POST" and not standard_authorisers(actor):
        raise NotPermitted(_("Only a service owner or an administrator, a person, approves a change model."))
    form = ModelForm(visible_services(actor), posted(request), initial=_asked_for(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            modelling.approve_model(actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Approved: deployments within these bounds are standard changes now."))
            return redirect("changes:models")
        status = refused.status
    context = {"form": form, "models": queries.models(timezone.now()), "may_approve": standard_authorisers(actor)}
    return render(request, "changes/change_models/models.html", context, status=status)


def _asked_for(request: HttpRequest) -> dict[str, str]:
    """What a candidate fills in; a person reads it and approves."""
    names = ("service", "repository", "workflow_name")
    told = {name: request.GET[name][:200] for name in names if name in request.GET}
    return told | ({"slug": f"{told['service']}-deployment"[:63]} if told.get("service") else {})


@login_required
@require_POST
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """Suspend a model, or retire it."""
    model = get_object_or_404(ChangeModel, slug=slug)
    actor, version = actor_of(request), version_posted(request)
    if request.POST.get("how") == "retire":
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
