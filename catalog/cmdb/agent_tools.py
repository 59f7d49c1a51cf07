"""The tool `impact_of`: who feels it when a service or an item fails, or what could make it fail."""

from collections import Counter
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field

from catalog.cmdb import permissions
from catalog.cmdb.models import CI
from catalog.cmdb.queries.impact import impact
from catalog.cmdb.queries.items import by_reference, visible_items
from catalog.services.queries import visible_services
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments, Origin, Quoted, Shape
from itsm.agents.capabilities import Capability
from itsm.agents.quoting import quoted
from itsm.agents.tools import Tool
from itsm.api.nearest import did_you_mean
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted
from itsm.notifications.web_addresses import our_address

_MOST = 15
_LONGEST_NAME = 200


class Asked(Arguments):
    """What `impact_of` takes: a service by its slug, or an item by its reference."""

    service: str | None = Field(default=None, max_length=80)
    item: str | None = Field(default=None, max_length=20, description="Such as CI-00042.")
    down: bool = Field(default=False, description="True: what could make it fail, instead of who feels it.")
    depth: Annotated[int, Field(ge=0, le=12)] = Field(default=5, description="How many rounds to look.")
    current: bool = Field(default=False, description="True: beside what is down or degraded just now.")
    words: bool = Field(
        default=False,
        description="Also quote names. They are words of others: having read them you may not ask the gate for an hour,"
        " unless your owner allows it.",
    )


class Touched(Shape):
    """An item, or a service, that would be down or degraded."""

    reference: str
    service: str = Field(description="Its slug, where it is a service.")
    kind: str = Field(description="Its class.")
    state: str
    depth: int
    via: list[str] = Field(description="The way there; ... for what is not yours to see.")
    name: Quoted | None = None


class Impacted(Answer):
    """The worst first, then the nearest."""

    of: str
    direction: str
    down: int
    degraded: int
    touched: list[Touched]
    truncated: bool = Field(description="True: there are more than are told.")


def run(call: Call, arguments: Asked) -> Impacted:
    """Reads only. Raises NotPermitted, NotFound and InvalidInput."""
    if not permissions.item_readers(call.eyes):
        raise NotPermitted(_("What rests on what is for people who work here."))
    item, direction = _item(call, arguments), "down" if arguments.down else "up"
    found = impact(
        item, call.eyes, direction="down" if arguments.down else "up", depth=arguments.depth, current=arguments.current
    )
    nodes = found.named(found.found[:_MOST])
    rows = visible_services(call.eyes).filter(pk__in=[one.item_id for one in nodes])
    slugs = dict(rows.values_list("pk", "slug"))
    touched = [
        Touched(
            reference=one.reference,
            service=slugs.get(one.item_id, ""),
            kind=one.class_slug,
            state=one.state,
            depth=one.depth,
            via=list(one.via),
            name=quoted(one.name, Origin.NAME, longest=_LONGEST_NAME) if arguments.words else None,
        )
        for one in nodes
    ]
    return Impacted(
        of=item.reference,
        direction=direction,
        down=found.counts["down"],
        degraded=found.counts["degraded"],
        touched=touched,
        truncated=found.truncated or len(found.found) > _MOST,
        next=_next(item, touched),
    )


def _item(call: Call, arguments: Asked) -> CI:
    if (arguments.service is None) is (arguments.item is None):
        raise InvalidInput.about("service", _("Name either a service or an item."))
    if arguments.item is not None:
        return by_reference(call.eyes, arguments.item)
    slug, visible = arguments.service or "", visible_services(call.eyes)
    number = visible.filter(slug=slug).values_list("pk", flat=True).first()
    found = visible_items(call.eyes).filter(pk=number).first() if number is not None else None
    if found is None:
        near = did_you_mean(slug, visible.values_list("slug", flat=True))
        raise NotFound(_("There is no such service, or you may not see it.") + near)
    return found


def _next(item: CI, touched: list[Touched]) -> list[str]:
    services = Counter(one.service for one in touched if one.service)
    said = [
        _("Whom to tell: who_is_on_call(service=%(service)s).") % {"service": next(iter(services))}
    ] if services else []  # fmt: skip
    page = our_address(item.get_absolute_url())
    return [*said, _("The whole picture: %(page)s.") % {"page": page}]


TOOL = Tool(
    name="impact_of",
    title="Who feels it",
    description=(
        "Which services and items would be down or degraded if a service or a configuration item failed (or, with"
        " down, what could make it fail), with the way between. Redundancy is reckoned in. Reads only."
    ),
    capability=Capability.CATALOG_READ,
    arguments=Asked,
    answer=Impacted,
    run=run,
)
