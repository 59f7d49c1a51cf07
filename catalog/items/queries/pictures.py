"""Pictures of items: files of the item, of which who may ask for it sees the one that is shown."""

from catalog.items.models import CatalogItem
from catalog.items.permissions import readers
from catalog.items.queries.offering import offered
from itsm.files.readers import Reading
from itsm.kernel.actors import Actor


def read_by(actor: Actor, item_id: int) -> Reading | None:
    """How an actor reads the files of an item: all of them where they work here, the live picture where it is offered
    to them. To others there is none."""
    if readers(actor):
        item = CatalogItem.objects.filter(pk=item_id).first()
        return Reading(item, reads_all=True) if item is not None else None
    item = offered(actor).filter(pk=item_id).first()
    if item is None:
        return None
    shown = item.versions.filter(number=item.live or 0).values_list("picture", flat=True).first()
    return Reading(item, reads_all=False, only={str(shown)} if shown else set())
