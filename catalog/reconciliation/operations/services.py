"""A service that an import brings: begun as a service, which makes its item."""

import re
from typing import Any

from catalog.engine.reconcile import Reconciled
from catalog.formats.documents import NEW_SERVICE
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.vocabulary import DESCRIPTION, NAME, TEAM
from catalog.services.models import Service
from catalog.services.operations import create_service
from itsm.kernel.actors import Actor
from itsm.slugs import slug_of

LONGEST_NAME = 120


def make_service(found: Reconciled, slug: str, known: Known, actor: Actor) -> int:
    """The id of the new service, of the lowest importance and for who works here until somebody says otherwise.

    Raises NotPermitted for who may not add services, and Conflict where the slug was taken meanwhile."""
    values: dict[str, Any] = {key: held.value for key, held in found.values.items()}
    team = known.teams.get(values.get(TEAM, ""))
    made = create_service(
        actor=actor, slug=_free(slug_of(slug or values[NAME])), name=values[NAME][:LONGEST_NAME],
        tier=int(NEW_SERVICE["tier"]), team=team, description=values.get(DESCRIPTION, ""), needs_owner=team is None,
    )  # fmt: skip
    return made.pk


def _free(slug: str) -> str:
    """This slug, or the first one with a number behind it that no service has."""
    slug = slug[:60] or "service"
    taken = set(Service.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    if slug not in taken:
        return slug
    numbers = [int(found[1]) for one in taken if (found := re.fullmatch(rf"{re.escape(slug)}-(\d+)", one))]
    return f"{slug[:55]}-{max(numbers, default=1) + 1}"
