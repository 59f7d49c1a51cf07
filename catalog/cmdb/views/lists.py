"""The list of items, as a page and as a file."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from catalog.cmdb import permissions
from catalog.cmdb.filters import ItemFilter
from catalog.cmdb.models import CI
from catalog.cmdb.queries.classes import living_classes
from catalog.cmdb.queries.items import listed
from catalog.cmdb.views.reading import reader
from catalog.cmdb.vocabulary import fields_owner
from catalog.environments.queries import choices as environments
from itsm.accounts.models import Team
from itsm.accounts.step_up import require_proof
from itsm.fields.filtering import csv_columns
from itsm.fields.queries import Names
from itsm.kernel.actors import Actor
from itsm.ui.csv_answers import csv_answer
from itsm.ui.paging import at_most, paged

_HEAD = ("reference", "name", "class", "state", "environment", "team", "last_seen_at")
_BATCH = 1000
MOST_ROWS = 200_000


@login_required
def items(request: HttpRequest) -> HttpResponse:
    actor = reader(request)
    chosen = ItemFilter(request.GET, queryset=listed(actor), request=request)
    context = {
        "filter": chosen,
        "page": paged(chosen.qs, request.GET),
        "count": at_most(chosen.qs),
        "classes": living_classes(),
        "environments": environments(),
        "teams": Team.objects.all(),
        "may_add": permissions.item_authors(actor),
        "keeps_classes": permissions.class_keepers(actor),
    }
    return render(request, "catalog/cmdb/list.html", context)


@login_required
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """What the list shows, whole, with the fields of the class where one is chosen."""
    actor = reader(request)
    if not any(request.GET.values()):
        require_proof(actor, doing=gettext("export everything"))
    chosen = ItemFilter(request.GET, queryset=listed(actor), request=request)
    columns = csv_columns(fields_owner(request.GET.get("class", "")[:40]), actor, works_here=True)
    head = [*_HEAD, *(column.name for column in columns)]
    return csv_answer("items", head, _rows(chosen.qs, columns, actor))


def _rows(found: QuerySet[CI], columns: list[Any], actor: Actor) -> Iterator[list[Any]]:
    """Batch by batch, each by its key: what is added meanwhile shifts nothing."""
    after, left = 2**62, MOST_ROWS
    while left > 0 and (batch := list(found.filter(pk__lt=after).order_by("-pk")[:_BATCH])):
        names = Names(actor, [column.field for column in columns], [one.attributes for one in batch])
        for one in batch:
            team = one.team.slug if one.team else ""
            seen = one.last_seen_at.isoformat() if one.last_seen_at else ""
            plain = [one.reference, one.name, one.ci_class.slug, one.status, one.environment, team, seen]
            yield [*plain, *(column.cell(one.attributes, names) for column in columns)]
        after, left = batch[-1].pk, left - len(batch)
