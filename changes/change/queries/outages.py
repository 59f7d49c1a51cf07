"""The services of which an outage is expected, as a reader may see them."""

from catalog.services.queries import visible_services
from changes.change.models import Change
from itsm.kernel.actors import Actor


def slugs_seen(actor: Actor) -> dict[int, str]:
    """Id -> slug of every service that the actor may see. One query."""
    return dict(visible_services(actor).values_list("pk", "slug"))


def services_out(change: Change, actor: Actor) -> list[tuple[str, str]]:
    """(slug, name) of each service named, by name; empty texts for one that the actor may not see. One query."""
    rows = visible_services(actor).filter(pk__in=change.outage_services).values_list("pk", "slug", "name")
    seen = {pk: (slug, name) for pk, slug, name in rows}
    return sorted((seen.get(one, ("", "")) for one in change.outage_services), key=lambda said: said[1])
