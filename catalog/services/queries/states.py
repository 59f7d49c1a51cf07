"""How services stand now, in one word each: what lies above says which have trouble, and impact carries it upwards."""

from collections.abc import Callable, Mapping
from datetime import datetime

from catalog.engine.graph import State
from catalog.engine.impact import MAX_DEPTH, felt_above
from catalog.services.queries.graph import snapshot
from catalog.services.vocabulary import ServiceState

Source = Callable[[datetime], Mapping[int, ServiceState]]

_STATES = {State.UP: ServiceState.UP, State.DEGRADED: ServiceState.DEGRADED, State.DOWN: ServiceState.DOWN}
_OWN = {said: state for state, said in _STATES.items()}
_sources: dict[str, Source] = {}


def come_from(name: str, source: Source) -> None:
    """Say who knows of trouble. `source(at)` gives the items (services or not), by id, that are not up by its account,
    in a fixed number of queries. Called once per source, in `AppConfig.ready()`."""
    _sources[name] = source


def said_by_sources(at: datetime) -> dict[int, State]:
    """Items that are not up by the word of a source, each by the worst of them: without what arrives from below."""
    own: dict[int, State] = {}
    for source in _sources.values():
        for item, said in source(at).items():
            own[item] = max(own.get(item, State.UP), _OWN[said])
    return own


def troubled(at: datetime) -> dict[int, ServiceState]:
    """Every item, so every service too, that is not up at `at`: the worst of its own state and what arrives from below.

    The queries of the sources and one more, whatever the number of services.
    """
    own = said_by_sources(at)
    if not own:
        return {}
    states = dict(own)
    for item, felt in felt_above(snapshot().graph, own, MAX_DEPTH).felt.items():
        states[item] = max(states.get(item, State.UP), felt.state)
    return {item: _STATES[state] for item, state in states.items() if state}


def worst(one: ServiceState, other: ServiceState) -> ServiceState:
    """The graver of two."""
    return _STATES[max(_OWN[one], _OWN[other])]
