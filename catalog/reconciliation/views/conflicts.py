"""Where sources differ: the list, and the one word that ends it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.reconciliation import operations, permissions
from catalog.reconciliation.filters import ConflictFilter
from catalog.reconciliation.queries import listed
from catalog.reconciliation.views.reading import reader, why_posted
from catalog.reconciliation.vocabulary import ConflictState
from itsm.accounts.actors import actor_permitted
from itsm.ui.htmx import redirect_after_write

_LISTED = 200


@login_required
def conflicts(request: HttpRequest) -> HttpResponse:
    """Those that are open, unless another state is asked for."""
    actor = reader(request)
    asked = request.GET.copy()
    asked.setdefault("state", ConflictState.OPEN)
    found = ConflictFilter(asked, queryset=listed.conflicts(actor), request=request)
    rows = list(found.qs[: _LISTED + 1])
    may = {one.pk for one in rows if permissions.importers(actor) and permissions.conflict_settlers(actor, one)}
    context = {
        "filter": found, "rows": [(one, one.pk in may) for one in rows[:_LISTED]],
        "more": len(rows) > _LISTED, "state": asked["state"],
        "states": ConflictState.choices, "open_conflicts": listed.open_conflicts(actor),
        "may_settle": bool(may),
    }  # fmt: skip
    return render(request, "catalog/reconciliation/conflicts.html", context)


@login_required
@require_POST
def settle(request: HttpRequest, pk: int, take: str) -> HttpResponse:
    """`take`: holds, says, or accept (that they differ is right)."""
    actor = actor_permitted(request, permissions.importers, _("%(actor_name)s may not settle conflicts."))
    found = get_object_or_404(listed.conflicts(actor), pk=pk)
    why = why_posted(request)
    if take == "accept":
        operations.accept(found, actor=actor, why=why or _("Accepted on the page of conflicts."))
    elif take in ("holds", "says"):
        operations.settle(found, "holds" if take == "holds" else "says", actor=actor, why=why)
    else:
        raise Http404
    messages.success(request, _("%(reference)s: settled.") % {"reference": found.ci.reference})
    return redirect_after_write(request, reverse("item_imports:conflicts"))
