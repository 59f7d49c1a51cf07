"""Pages of categories and of the priority matrix."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.incident import operations, permissions, queries
from incidents.incident.forms.placing import CategoryForm, MatrixForm
from incidents.incident.models import Category
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted


@login_required
def categories(request: HttpRequest) -> HttpResponse:
    """The tree; administrators add to it."""
    actor = _reader(request)
    if request.method == "POST":
        _keeper(actor)
    form = CategoryForm(queries.queues_for(actor), posted(request), initial={"parent": request.GET.get("under", "")})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.add_category(actor=actor, **form.cleaned_data)
            return redirect_after_write(request, reverse("placing:categories"))
        status = refused.status
    rows = queries.categories(actor)
    context = {
        "rows": [row for row in rows if row[0].retired_at is None],
        "retired": [row for row in rows if row[0].retired_at is not None],
        "form": form,
        "may_keep": permissions.keepers(actor),
    }
    return render(request, "incidents/incident/categories.html", context, status=status)


@login_required
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """One category: another name or queue."""
    actor = _keeper(_reader(request))
    found = get_object_or_404(Category, pk=pk)
    slug = found.team.slug if found.team else ""
    form = CategoryForm(queries.queues_for(actor), posted(request), initial={"name": found.name, "team": slug})
    del form.fields["parent"]
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_category(found, actor=actor, version=version_posted(request), **form.cleaned_data)
            return redirect_after_write(request, reverse("placing:categories"))
        status = refused.status
    return render(request, "incidents/incident/category.html", {"category": found, "form": form}, status=status)


@login_required
@require_POST
def keep_category(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire or revive it: by the button that was used."""
    actor = _keeper(_reader(request))
    found = get_object_or_404(Category, pk=pk)
    match request.POST.get("do"):
        case "retire":
            kept = operations.retire_category(found, actor=actor)
            if still := operations.named_still(kept, actor=actor):
                said = _("What names it finds nothing to choose any more, and goes on finding what has it: %(names)s.")
                messages.warning(request, said % {"names": ", ".join(still)})
        case "revive":
            operations.revive_category(found, actor=actor)
        case _:
            raise InvalidInput(_("Say retire or revive."))
    return redirect_after_write(request, reverse("placing:categories"))


@login_required
def matrix(request: HttpRequest) -> HttpResponse:
    """The grid and its versions; an administrator looks at what would be different, then saves the next one."""
    actor = _reader(request)
    if request.method == "POST":
        _keeper(actor)
    versions = queries.matrices()
    held = versions[0]
    form = MatrixForm(posted(request), initial=MatrixForm.as_typed(held))
    status, differences = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            differences, status = queries.matrix_differences(held.cells, form.cells()), 200
            if "save" in request.POST:
                with form_errors_from(form) as refused:
                    made = operations.renew_matrix(
                        actor=actor, cells=form.cells(), version=form.cleaned_data["version"]
                    )  # fmt: skip
                    messages.success(
                        request, _("Matrix %(n)s holds from now on. It touches no record.") % {"n": made.version}
                    )
                    return redirect_after_write(request, reverse("placing:matrix"))
                status = refused.status
    context = {
        "form": form, "held": held, "versions": versions, "differences": differences,
        "may_keep": permissions.keepers(actor), "grid": queries.matrix_grid(held),
    }  # fmt: skip
    return render(request, "incidents/incident/matrix.html", context, status=status)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.staff, _("This is for people who work here."))


def _keeper(actor: Actor) -> Actor:
    if not permissions.keepers(actor):
        raise NotPermitted(_("Administrators keep categories and the priority matrix."))
    return actor
