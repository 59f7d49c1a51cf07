"""What an actor may do, and why: found by asking the very predicates that refuse.

Apps above register their workflow tables with a way to picture a record as a predicate sees it (`register`, in
`AppConfig.ready()`). Nothing here knows a rule: each step is asked about a record of somebody else, one of a service
of the actor's team, and one of their own; with all their roles, and with each alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from itsm.accounts.named_rights import with_included
from itsm.kernel.actors import Actor, Kind, Role
from itsm.kernel.workflow import Predicate, Step, Workflow

ANYBODYS, TEAMS, OWN = "anybodys", "teams", "own"


class Standing(NamedTuple):
    """A record as seen from an actor: `whose` account made it, `team` owns its service. 0: nobody's here."""

    whose: int
    team: int


Picture = Callable[[Standing], Any]
Seen = Mapping[str, Any]  # anybodys, teams, own -> that record of a table


class Table(NamedTuple):
    title: Any
    workflow: Workflow
    picture: Picture


@dataclass(frozen=True, slots=True)
class StepRight:
    """`on`: which records (anybodys, teams, own); empty: none. `except_own`: four eyes stand in the way of one's own.

    `roles`: those of their roles, and named rights of own ones, that suffice alone for the widest of `on`; empty where
    none is needed. `would`: roles that would allow it to who may not; empty: Headroom does it itself.
    """

    record: str
    step: Step
    on: tuple[str, ...]
    except_own: bool
    roles: tuple[str, ...]
    would: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        return bool(self.on)


_tables: dict[str, Table] = {}


def register(record: str, title: Any, workflow: Workflow, picture: Picture) -> None:
    """`picture(standing)` gives what the table's predicates look at. Called once per table, at start."""
    _tables[record] = Table(title, workflow, picture)


def tables() -> dict[str, Table]:
    """Every registered table, by the kind of its records."""
    return dict(_tables)


def steps_of(actor: Actor) -> list[StepRight]:
    """Every step of every record type, as this actor stands now."""
    if actor.memo is None:
        actor = replace(actor, memo={})  # the same is asked of each step and each role
    found = []
    for record, table in _tables.items():
        seen = {name: table.picture(standing) for name, standing in _standings(actor)}
        found += [_step_right(record, step, seen, actor) for step in table.workflow.steps.values()]
    return found


def _step_right(record: str, step: Step, seen: Seen, actor: Actor) -> StepRight:
    on = _on(step.who, seen, actor)
    return StepRight(
        record=record,
        step=step,
        on=on,
        except_own=ANYBODYS in on and OWN not in on,
        roles=_sufficient(step.who, seen, actor, on[0]) if on else (),
        would=() if on else tuple(role.value for role in Role if _on(step.who, seen, _as(actor, role))),
    )


def _sufficient(who: Predicate, seen: Seen, actor: Actor, widest: str) -> tuple[str, ...]:
    """Those of their roles and named rights that each suffice for the widest choice of records; none where none is
    needed."""
    if widest in _on(who, seen, actor.as_role()):
        return ()
    roles = tuple(role.value for role in sorted(actor.roles) if widest in _on(who, seen, _as(actor, role)))
    return (*roles, *_named(actor, lambda one: widest in _on(who, seen, one)))


def _named(actor: Actor, suffices: Callable[[Actor], bool]) -> tuple[str, ...]:
    """Named rights of an actor that each suffice, without those that only do by what they include."""
    found: list[str] = []
    for name in sorted(actor.rights, key=lambda one: (len(with_included(frozenset({one}))), one)):
        rights = with_included(frozenset({name}))
        if rights.isdisjoint(found) and suffices(replace(actor.as_role(), rights=rights)):
            found.append(name)
    return tuple(found)


def _as(actor: Actor, role: Role) -> Actor:
    return actor.as_role(role)


def _on(who: Predicate, seen: Seen, actor: Actor) -> tuple[str, ...]:
    return tuple(name for name, record in seen.items() if who(actor, record))


def _standings(actor: Actor) -> Iterable[tuple[str, Standing]]:
    yield ANYBODYS, Standing(whose=0, team=0)
    if actor.teams:
        yield TEAMS, Standing(whose=0, team=min(actor.teams))
    yield OWN, Standing(whose=actor.id or 0, team=min(actor.teams, default=0))


def alone(who: Callable[[Actor], bool], actor: Actor) -> tuple[str, ...]:
    """Those of the actor's roles and named rights that suffice alone for a predicate that looks at no record."""
    if who(actor.as_role()):
        return ()
    roles = tuple(role.value for role in sorted(actor.roles) if who(_as(actor, role)))
    return (*roles, *_named(actor, who))


def would(who: Callable[[Actor], bool], actor: Actor) -> tuple[str, ...]:
    """Roles that would suffice for who may not; of a person, as far as people may."""
    return tuple(role.value for role in Role if who(_as(actor, role))) if actor.kind is not Kind.SYSTEM else ()
