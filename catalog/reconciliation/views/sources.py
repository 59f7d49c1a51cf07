"""Sources in the order in which they are believed, and the rules that say otherwise for a class."""

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.reconciliation import operations, permissions
from catalog.reconciliation.forms import PrecedenceForm, SourceForm
from catalog.reconciliation.queries import listed
from catalog.reconciliation.views.reading import reader
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def sources(request: HttpRequest) -> HttpResponse:
    return _page(request, reader(request), PrecedenceForm())


@login_required
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """One source; administrators say how soon it is believed."""
    actor = _keeper(request)
    found = get_object_or_404(listed.sources(actor), slug=slug)
    form = SourceForm.of(found, posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_source(found, actor=actor, **form.said())
            messages.success(request, _("Saved. Where it changes whose word holds, its items are worked out anew now."))
            return redirect_after_write(request, reverse("item_imports:sources"))
        status = refused.status
    context = {"source": found, "form": form}
    return render(request, "catalog/reconciliation/source.html", context, status=status)


@login_required
@require_POST
def add_rule(request: HttpRequest) -> HttpResponse:
    actor, form, status = _keeper(request), PrecedenceForm(request.POST), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            operations.set_precedence(actor=actor, **form.cleaned_data)
            return redirect_after_write(request, reverse("item_imports:sources"))
        status = refused.status
    return _page(request, actor, form, status)


@login_required
@require_POST
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    operations.remove_precedence(get_object_or_404(listed.precedence(actor), pk=pk), actor=actor)
    return redirect_after_write(request, reverse("item_imports:sources"))


def _page(request: HttpRequest, actor: Actor, form: PrecedenceForm, status: int = 200) -> HttpResponse:
    sources = list(listed.sources(actor))
    ranks = Counter(one.rank for one in sources)
    context = {
        "sources": sources, "shared": [one.name for one in sources if ranks[one.rank] > 1],
        "rules": listed.precedence(actor), "form": form,
        "may_keep": permissions.source_keepers(actor), "open_conflicts": listed.open_conflicts(actor),
    }  # fmt: skip
    return render(request, "catalog/reconciliation/sources.html", context, status=status)


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.source_keepers, _("%(actor_name)s may not say whose word goes first."))
