"""Pages of the register of environments."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.environments import operations, permissions, queries
from catalog.environments.forms import EnvironmentForm, NewEnvironmentForm, as_typed
from catalog.environments.models import Environment
from catalog.environments.vocabulary import DEFAULT
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.approvals.views import waits
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted


@login_required
def environments(request: HttpRequest) -> HttpResponse:
    """The register; administrators and change managers add to it here."""
    actor = actor_of(request)
    may_keep = permissions.environment_keepers(actor)
    if request.method == "POST":
        _keeper(request)
    form = NewEnvironmentForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.create_environment(actor=actor, **form.said())
            messages.success(request, _("%(name)s can be named from now on.") % {"name": made.name})
            if made.awaits is not None:
                sentence = _("Until a second person confirms %(reference)s, %(name)s is judged as production.")
                messages.info(request, sentence % {"name": made.name, "reference": made.awaits.reference})
                return redirect(made.awaits.get_absolute_url())
            return redirect("environments:list")
        status = refused.status
    rows = [(one, queries.uses(one.name)) for one in queries.environments()]
    return render(
        request, "catalog/environments/list.html", {"rows": rows, "form": form, "may_keep": may_keep}, status=status
    )


@login_required
def edit(request: HttpRequest, name: str) -> HttpResponse:
    actor = _keeper(request)
    environment = get_object_or_404(queries.environments(), name=name)
    form = EnvironmentForm(posted(request), initial=as_typed(environment))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            kept = operations.edit_environment(environment, actor=actor, **form.said())
            if kept.awaits is not None:
                return waits(request, kept.awaits)
            messages.success(request, _("Saved."))
            return redirect_after_write(request, reverse("environments:list"))
        status = refused.status
    standing = queries.uses(name)
    context = {
        "form": form, "environment": environment, "uses": standing, "may_remove": not standing and name != DEFAULT,
        "is_default": name == DEFAULT,
    }  # fmt: skip
    return render(request, "catalog/environments/edit.html", context, status=status)


@login_required
@require_POST
def remove(request: HttpRequest, name: str) -> HttpResponse:
    actor = _keeper(request)
    environment = get_object_or_404(Environment, name=name)
    try:
        operations.remove_environment(environment, actor=actor, version=version_posted(request))
    except WrongState as refused:
        messages.error(request, refused.detail)
        return redirect("environments:edit", name)
    messages.success(request, _("%(name)s is gone; nothing stood in it.") % {"name": name})
    return redirect("environments:list")


def _keeper(request: HttpRequest) -> Actor:
    refusal = _("%(actor_name)s may not keep environments; administrators and change managers may.")
    return actor_permitted(request, permissions.environment_keepers, refusal)
