"""How services stand now, in one word each: what lies above the catalog says which have trouble, impact spreads it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from catalog.services.queries.reach import reached_from
from catalog.services.vocabulary import ServiceState

Source = Callable[[datetime], Mapping[int, ServiceState]]

_sources: dict[str, Source] = {}


def come_from(name: str, source: Source) -> None:
    """Say who knows of trouble. `source(at)` gives the services, by id, that are not up by its account, in a fixed
    number of queries. Called once per source, in `AppConfig.ready()`."""
    _sources[name] = source


def troubled(at: datetime) -> dict[int, ServiceState]:
    """Every service that is not up at `at`, with its state: the worst of its own and what it hard depends on.

    At most two queries beside those of the sources, whatever the number of services.
    """
    own: dict[int, ServiceState] = {}
    for source in _sources.values():
        for service, state in source(at).items():
            own[service] = worst(own.get(service, ServiceState.UP), state)
    felt = dict(own)
    for state in (ServiceState.DEGRADED, ServiceState.DOWN):
        failing = [service for service, its in own.items() if ServiceState.gravity(its) >= ServiceState.gravity(state)]
        for one in reached_from(failing) if failing else ():
            felt[one.service_id] = worst(felt.get(one.service_id, ServiceState.UP), state)
    return {service: state for service, state in felt.items() if state != ServiceState.UP}


def worst(one: ServiceState, other: ServiceState) -> ServiceState:
    """The graver of two."""
    return max(one, other, key=ServiceState.gravity)
