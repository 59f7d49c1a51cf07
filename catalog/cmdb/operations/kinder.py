"""What could make an answer of the gate kinder is not for those whose change it would let through."""

from collections.abc import Collection

from catalog.cmdb.models import CI
from catalog.services.queries import reached_from, read_by_changes_of
from itsm.accounts import interest
from itsm.kernel.actors import Actor


def require_no_interest(actor: Actor, items: Collection[CI], *, doing: str) -> None:
    """NotPermitted for people with an interest in an open change of a service that feels one of these items, or of one
    below those; for programs where there is such a service. `doing`: what is refused.
    """
    felt = {one.service_id for one in reached_from([item.pk for item in items])}
    if felt:
        interest.require_no_interest(actor, read_by_changes_of(felt), doing=doing)
