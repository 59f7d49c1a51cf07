"""The list: what can be asked for, and for those who work here what is being written."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from catalog.items import operations, permissions, queries
from catalog.items.forms.items import NewItemForm
from catalog.items.models import CatalogItem
from catalog.items.vocabulary import Status
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import paged

_TABS: tuple[tuple[str, Any], ...] = (
    ("live", gettext_lazy("Live")),
    ("drafts", gettext_lazy("Drafts")),
    ("proposed", gettext_lazy("Proposed")),
    ("retired", gettext_lazy("Retired")),
)


@login_required
def items(request: HttpRequest) -> HttpResponse:
    """Narrowed by `q` and `category`; a tab of what stands in which state for those who work here."""
    actor = actor_of(request)
    works_here, text = permissions.staff(actor), request.GET.get("q", "").strip()[:100]
    tab = request.GET.get("tab", "live") if works_here else "live"
    tab = tab if tab in dict(_TABS) else "live"
    rows = _in_tab(tab, actor)
    for word in text.split()[:8]:
        rows = rows.filter(Q(name__icontains=word) | Q(summary__icontains=word) | Q(keywords__icontains=word))
    context: dict[str, Any] = {
        "page": paged(rows, request.GET), "text": text, "tab": tab, "works_here": works_here,
        "may_write": permissions.authors(actor),
    }  # fmt: skip
    if works_here:
        known = queries.counts(actor)
        context["tabs"] = [(key, label, known.get(key, "")) for key, label in _TABS]
    return render(request, "catalog/items/list.html", context)


def _in_tab(tab: str, actor: Actor) -> QuerySet[CatalogItem]:
    seen = queries.read_items(actor).order_by("-id")
    return {
        "live": seen.filter(live__isnull=False),
        "drafts": seen.filter(status=Status.DRAFT),
        "proposed": seen.filter(status=Status.PROPOSED),
        "retired": seen.filter(status=Status.RETIRED),
    }[tab]


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """A draft: then one builds what it asks, who approves, what is done."""
    actor = actor_permitted(
        request,
        permissions.authors,
        gettext("Catalog items are written by agents, engineers, service owners and change managers."),
    )
    form = NewItemForm(actor, posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.create_item(actor=actor, at=timezone.now(), **form.cleaned_data)
            return redirect_after_write(request, f"{made.get_absolute_url()}build/")
        status = refused.status
    return render(request, "catalog/items/new.html", {"form": form, "categories": categories()}, status=status)


def categories() -> list[str]:
    """Those that items stand in already."""
    found = CatalogItem.objects.exclude(category="").order_by("category").values_list("category", flat=True)
    return list(found.distinct()[:100])
