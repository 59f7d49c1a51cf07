"""Sources, conflicts and what became of documents, as lists, pages and REST read them."""

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext

from catalog.cmdb.models import CI
from catalog.cmdb.queries.items import hidden_items, visible_items
from catalog.reconciliation import permissions
from catalog.reconciliation.models import Conflict, Precedence, Run, RunDocument, Source, SourceRecord
from catalog.reconciliation.models.runs import PREFIX
from catalog.reconciliation.queries.runs import visible_runs
from catalog.reconciliation.vocabulary import ConflictState
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in


def run_by_reference(actor: Actor, text: str) -> Run:
    """The import of a reference such as RUN-00001. NotFound where there is none, or the actor may not see it."""
    number = number_in(text, PREFIX)
    found = visible_runs(actor).filter(pk=number).first() if number is not None else None
    if found is None:
        raise NotFound(gettext("There is no import %(reference)s.") % {"reference": text[:40]})
    return found


def documents_of(run: Run, actor: Actor) -> QuerySet[RunDocument]:
    """What became of each document, in order; but for those about items that the actor may not see."""
    return run.documents.exclude(ci__in=hidden_items(actor)).order_by("n").defer("document").prefetch_related("ci")


def sources(actor: Actor) -> QuerySet[Source]:
    """Those that this actor may see, the first believed first, with `things` (records that are not gone, of items of
    which the actor may know) and `last_seen`."""
    rows = Source.objects.order_by("rank", "slug").select_related("renewal")
    if not permissions.run_readers(actor):
        return rows.none()
    seen = Q(records__gone_at=None) & ~Q(records__ci__in=hidden_items(actor))
    return rows.annotate(things=Count("records", filter=seen), last_seen=Max("records__last_seen_at"))


def is_being_renewed(item: CI) -> bool:
    """Whether a source that speaks of the item has another rank, and the item is not worked out anew yet."""
    return SourceRecord.objects.filter(
        ci=item, source__renewal__ended_at=None, source__renewal__through__lt=item.pk
    ).exists()


def precedence(actor: Actor) -> QuerySet[Precedence]:
    """Rules by class and key, for who may see sources."""
    rows = Precedence.objects.select_related("ci_class", "source").order_by("ci_class__name", "key", "rank")
    return rows if permissions.run_readers(actor) else rows.none()


def conflicts(actor: Actor) -> QuerySet[Conflict]:
    """Where sources differ on items that this actor may see, the newest first."""
    rows = Conflict.objects.filter(ci__in=visible_items(actor)).select_related("ci", "record", "record__source")
    return rows.order_by("-last_seen", "-id") if permissions.run_readers(actor) else rows.none()


def open_conflicts(actor: Actor) -> int:
    """How many wait for a word of somebody, as far as this actor may see them."""
    return conflicts(actor).filter(state=ConflictState.OPEN).count()
