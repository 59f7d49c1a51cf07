"""The first agreement."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.agreements import operations as agreements
from catalog.agreements.queries import living_agreements
from itsm.setup.facts import AGREEMENT
from itsm.setup.forms import (
    FirstAgreementForm,
)
from itsm.setup.steps import SHOWN
from itsm.setup.views import setter, stepped
from itsm.ui.htmx import form_errors_from, posted


@login_required
def agreement(request: HttpRequest) -> HttpResponse:
    actor = setter(request)
    form = FirstAgreementForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = agreements.create_agreement(
                actor=actor, at=timezone.now(), name=form.cleaned_data["name"], targets=form.targets()
            )
            messages.success(request, _("%(name)s holds for what begins from now on.") % {"name": made.name})
            return redirect("setup:agreement")
        status = refused.status
    newest = living_agreements().order_by("-id")[:SHOWN]
    return stepped(request, AGREEMENT, "setup/agreement.html", {"form": form, "newest": newest}, status)


@login_required
@require_POST
def take_back_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo: it holds for nothing new."""
    actor = setter(request)
    found = get_object_or_404(living_agreements(), pk=pk)
    agreements.retire_agreement(found, actor=actor, version=found.version, at=timezone.now())
    messages.success(request, _("%(name)s holds for nothing new.") % {"name": found.name})
    return redirect("setup:agreement")
