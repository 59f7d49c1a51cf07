"""Who may measure an objective and get automatic answers by it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from itsm.accounts.actors import actor_of
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from slo.measuring import permissions
from slo.objectives import operations, queries
from slo.objectives.forms.self_measuring import AllowanceForm


@login_required
@require_http_methods(["GET", "POST"])
def self_measuring(request: HttpRequest, slug: str) -> HttpResponse:
    """Allow in writing that who measures an objective gets automatic answers by it."""
    actor = actor_of(request)
    objective = queries.by_slug(actor, slug)
    if not permissions.allowers(actor, objective.service):
        raise NotPermitted(_("%(name)s may not allow this; the service's owners may.") % {"name": actor.name})
    form = AllowanceForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.allow_self_measuring(objective, actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Allowed. It stands beside every answer that rests on it."))
            return redirect_after_write(request, reverse("slo:detail", args=[slug]))
        status = refused.status
    return render(request, "slo/objectives/self_measuring.html", {"objective": objective, "form": form}, status=status)


@login_required
@require_POST
def end_self_measuring(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    operations.end_self_measuring(queries.by_slug(actor, slug), actor=actor, at=timezone.now())
    messages.success(request, _("Ended. Their measurements alone lead to people again."))
    return redirect_after_write(request, reverse("slo:detail", args=[slug]))
