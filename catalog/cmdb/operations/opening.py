"""Items are added."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb import permissions
from catalog.cmdb.models import CI, CIClass
from catalog.cmdb.operations.histories import BY_HAND, Origin, record
from catalog.cmdb.queries.classes import is_of_services
from catalog.cmdb.vocabulary import Status
from catalog.cmdb.workflow import an_owner, required_fields
from catalog.engine.precedence import PEOPLE
from catalog.environments.queries import canonical
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.accounts.operations import require_standing
from itsm.fields import values
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted


@transaction.atomic
def open_item(
    *,
    actor: Actor,
    ci_class: CIClass,
    name: str,
    status: str = Status.PLANNED,
    environment: str = "",
    team: Team | None = None,
    support_team: Team | None = None,
    description: str = "",
    confidential: bool = False,
    attributes: Mapping[str, Any] | None = None,
    origin: Origin = BY_HAND,
    at: datetime | None = None,
) -> CI:
    """A new item of a class that may have items. `attributes`: values of its class's fields by key.

    People put one straight into service only with an owner and what its class requires. A service is added as a
    service, which makes its item. Raises NotPermitted, InvalidInput, MissingInformation and Conflict (a retired team).
    """
    if not permissions.item_authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not add items.") % {"actor_name": actor.name})
    require_usable(ci_class)
    require_standing(team)
    require_standing(support_team)
    at = at or timezone.now()
    if environment:
        environment = canonical(environment)
    item = CI(
        ci_class=ci_class, name=name, status=status, environment=environment, team=team, support_team=support_team,
        description=description, confidential=confidential,
    )  # fmt: skip
    item.attributes = values.begun(ci_class.owner, attributes or {}, actor=actor, works_here=True)
    missing = [text for need in (an_owner, required_fields) if (text := need(item))]
    if status == Status.ACTIVE and origin.source == PEOPLE and missing:
        raise MissingInformation(" ".join(missing), missing=missing)
    if not permissions.item_editors(actor, item):
        raise NotPermitted(gettext("%(actor_name)s adds items of their own teams.") % {"actor_name": actor.name})
    lifecycle.require_readable(item)
    item.save(force_insert=True)
    values.mirror(ci_class.owner, item.pk, item.attributes, item.attributes)
    born: dict[str, tuple[Any, Any]] = {"name": (None, name), "status": (None, status)}
    record(item, born, actor=actor, at=at, origin=origin)
    return lifecycle.created(
        item, actor=actor, at=at, changes={"ci_class": [None, ci_class.slug], "status": [None, status]}
    )


def require_usable(ci_class: CIClass) -> None:
    """InvalidInput for a class that has no items of its own, or takes none any more."""
    words = ""
    if ci_class.abstract:
        words = gettext("%(name)s is an abstract class: choose one that inherits from it.") % {"name": ci_class.slug}
    elif ci_class.retired_at is not None:
        words = gettext("The class %(name)s is retired.") % {"name": ci_class.slug}
    elif is_of_services(ci_class):
        words = gettext("Add a service under /services/: that makes its item.")
    if words:
        raise InvalidInput.about("ci_class", words)
