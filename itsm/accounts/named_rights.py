"""Named rights: the pieces of which an administrator makes own roles, each a predicate of some `permissions.py`.

A right is true where its predicate is true, or where the actor holds the right and the predicate is true of the actor
with one built-in role lent: whatever else the predicate asks (that a person acts, whose record it is, four eyes, which
queue) is asked as ever. The loan lasts for that one predicate: a named one that it calls asks again, by its own name.
What decides in a second person's place, keeps roles or says who measures has no name, so that no own role can hold it.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec

from itsm.kernel.actors import Actor, Kind, Role

P = ParamSpec("P")
WORK_HERE = "desk.work"


@dataclass(slots=True)
class NamedRight:
    """`lends`: the built-in role whose words the predicates hear. `includes`: names that come with it, so that it does
    something by itself. `predicates`: those that ask for it, as they are without it."""

    name: str
    title: Any
    lends: Role
    includes: frozenset[str]
    predicates: list[Callable[..., bool]] = field(default_factory=list)

    @property
    def group(self) -> str:
        """The first word of its name: what it is about."""
        return self.name.partition(".")[0]


_known: dict[str, NamedRight] = {}


def named_right(
    name: str, title: Any, *, lends: Role, includes: Collection[str] = ()
) -> Callable[[Callable[Concatenate[Actor, P], bool]], Callable[Concatenate[Actor, P], bool]]:
    """Give predicates a name by which own roles hold them; what this returns may decorate several, which share it.

    Who holds any right works here, so each includes `desk.work`. ValueError for a name that is taken.
    """
    if name in _known:
        raise ValueError(f"{name} means two things")
    right = _known[name] = NamedRight(name, title, lends, frozenset({*includes, WORK_HERE}) - {name})

    def names(predicate: Callable[Concatenate[Actor, P], bool]) -> Callable[Concatenate[Actor, P], bool]:
        right.predicates.append(predicate)

        @wraps(predicate)
        def judged(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> bool:
            own = replace(actor, lent=frozenset()) if actor.lent else actor
            if predicate(own, *args, **kwargs):
                return True
            return name in own.rights and predicate(replace(own, lent=frozenset({lends})), *args, **kwargs)

        return judged

    return names


def named_rights() -> dict[str, NamedRight]:
    """Every named right, by group and name."""
    return dict(sorted(_known.items()))


@lru_cache(maxsize=2000)
def with_included(names: frozenset[str]) -> frozenset[str]:
    """These rights and what they include; names that no predicate knows (any more) give nothing."""
    found: set[str] = set()
    ahead = [one for one in names if one in _known]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += _known[one].includes
    return frozenset(found)


def rights_held(roles: Collection[str], names: Iterable[str]) -> frozenset[str]:
    """What an account with these built-in roles may by the rights of its own roles: who is here to read only, as an
    auditor and nothing else, stays so."""
    return frozenset() if set(roles) == {Role.AUDITOR} else with_included(frozenset(names))


def built_in_holders(right: NamedRight) -> tuple[Role, ...]:
    """The built-in roles that may the same anyway, by asking its predicates of an easy record."""
    return tuple(role for role in Role if all(_may(one, role) for one in right.predicates))


def _may(predicate: Callable[..., bool], role: Role) -> bool:
    """As a person or as a program: some may only be done by either."""
    for kind in (Kind.HUMAN, Kind.SERVICE):
        actor = Actor(id=-1, name="", kind=kind, roles=frozenset({role}), teams=frozenset({_TEAM}), memo={})
        if any(predicate(actor, *seen) for seen in _ways_to_ask(predicate)):
            return True
    return False


def _ways_to_ask(predicate: Callable[..., bool]) -> list[tuple[Any, ...]]:
    """Without a record, and of an easy one: as far as it takes either."""
    code = predicate.__code__
    defaults = predicate.__defaults__ or ()
    without: list[tuple[Any, ...]] = [()] if code.co_argcount - len(defaults) == 1 else []
    return [*without, (_EASY,)] if code.co_argcount > 1 else without


_TEAM = -1


class _Easy:
    """A record that stands in nobody's way: nobody's by name, of the actor's team."""

    def __getattr__(self, name: str) -> Any:
        if name in ("team_id", "team"):
            return _TEAM
        return None if name.endswith("_id") or name == "pk" else self


_EASY = _Easy()
