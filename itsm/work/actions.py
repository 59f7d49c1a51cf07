"""Actions on a record as data: what macros, rules and bulk hold, and what the record's own operations carry out.

In JSON an action is `{"kind": "team", "value": "network"}`. A list of them is one deed: all of it or nothing, one entry
of history, one version, one message a person. Records say in `AppConfig.ready()` what theirs mean (`register`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from itsm.api.nearest import did_you_mean
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.kernel.texts import is_blank

MOST = 20
_MOST_FIELDS = 40
_MOST_TASKS = 20
_LONGEST_NAME = 150
_LONGEST_TEXT = 20_000


class Action(NamedTuple):
    """`value` is as JSON holds it, by kind:

    field: an object of REST's names and values; team: a slug; assignee: a user name, "me" or null; watcher: a user name
    or "me"; tasks: a list of {title, mandatory}; note, reply: a text; step: {"step": "resolve", ...its words}; parent:
    a reference or null.
    """

    kind: str
    value: Any


class Carried(NamedTuple):
    """A record after a list of actions, and what they changed: field -> [before, after]; nothing where nothing did."""

    record: Any
    changes: Mapping[str, Any]


class Blocked(NamedTuple):
    """An action that cannot run, by its place in the list (from 0), and why in a sentence."""

    place: int
    why: str


class CarryOut(Protocol):
    def __call__(
        self, record: Any, actions: Sequence[Action], /, *, actor: Actor, version: int | None, because: str
    ) -> Carried:
        """Do these actions, whose values `read` has read, in the order of the list, all or nothing."""


class Actions(NamedTuple):
    """What actions mean for one kind of record (`model`).

    `visible(actor)`: the records that the actor may see. `read(action, actor)`: the value with its people, teams and
    choices found, InvalidInput where it cannot be used. `possible(record, actor, actions)`: which of them, read, cannot
    run, by looking alone. `put_back(record, changes, actor, version)`: the edits of a deed taken back. `say(action)`:
    a few words for people, such as Priority: P2.
    """

    model: Any
    visible: Callable[[Actor], "QuerySet[Any]"]
    read: Callable[[Action, Actor], Any]
    carry_out: CarryOut
    possible: Callable[[Any, Actor, Sequence[Action]], list[Blocked]]
    put_back: Callable[..., Any]
    say: Callable[[Action], str] = lambda action: action.kind


_known: dict[str, Actions] = {}


def register(record_kind: str, actions: Actions) -> None:
    """Records of a kind take actions."""
    _known[record_kind] = actions


def known(record_kind: str) -> Actions:
    """What actions mean for records of a kind. KeyError where they take none."""
    return _known[record_kind]


def parse(data: Any, *, where: str = "actions") -> list[Action]:
    """The actions of a JSON list, 1 to 20: kinds and shapes only; `check` looks at what the values name.

    `where` is what the list is called in the sentences. Raises InvalidInput with a sentence for each that is wrong.
    """
    if not isinstance(data, list):
        raise _refused(where, {"": _("Send a list of actions, each an object with kind and value.")})
    if not 1 <= len(data) <= MOST:
        raise _refused(where, {"": _("Send 1 to %(most)s actions.") % {"most": MOST}})
    wrong = {str(place): said for place, one in enumerate(data) if (said := _wrong(one))}
    if wrong:
        raise _refused(where, wrong)
    actions = [Action(one["kind"], one["value"]) for one in data]
    kinds = [one.kind for one in actions]
    if kinds.count("step") > 1 or kinds.count("note") + kinds.count("reply") > 1:
        raise _refused(where, {"": _("At most one step, and at most one note or reply.")})
    return actions


def to_json(actions: Sequence[Action]) -> list[dict[str, Any]]:
    """As `parse` reads them."""
    return [{"kind": one.kind, "value": one.value} for one in actions]


def summary(record_kind: str, actions: Sequence[Action]) -> str:
    """What the actions do, for people: "Priority: P2; Queue: Network"."""
    return "; ".join(known(record_kind).say(one) for one in actions)


def check(record_kind: str, actions: Sequence[Action], *, actor: Actor, where: str = "actions") -> None:
    """Raise InvalidInput, by the place of each action, where a value names nothing that the actor may see."""
    read_all(record_kind, actions, actor=actor, where=where)


def read_all(record_kind: str, actions: Sequence[Action], *, actor: Actor, where: str = "actions") -> list[Action]:
    """The actions with what their values name, as `Actions.carry_out` and `possible` take them. Raises InvalidInput."""
    found, wrong, errors = [], {}, {}
    for place, one in enumerate(actions):
        try:
            found.append(Action(one.kind, known(record_kind).read(one, actor)))
        except InvalidInput as refusal:
            wrong[str(place)], errors[str(place)] = refusal.detail, {"value": refusal.errors or [refusal.detail]}
    if wrong:
        nested: Any = {where: errors}
        refused = _refused(where, wrong)
        refused.errors = nested
        raise refused
    return found


def carry_out(
    record: Any, actions: Sequence[Action], *, actor: Actor, version: int | None, because: str = ""
) -> Carried:
    """Do all of it or nothing, by the record's own operations, as one deed. The caller found the record by `visible`.

    `version`: as the record was read, None where that does not matter. `because`: noted with it, as a macro's name is.
    Raises InvalidInput for values that name nothing, and whatever the operations refuse with.
    """
    ready = read_all(record.kind, actions, actor=actor)
    return known(record.kind).carry_out(record, ready, actor=actor, version=version, because=because)


def possible(record: Any, actor: Actor, actions: Sequence[Action]) -> list[Blocked]:
    """Which of these actions cannot run on this record now, and why: for previews. Looks, and changes nothing.

    Raises nothing.
    """
    ready, blocked = [], []
    for place, one in enumerate(actions):
        try:
            ready.append((place, Action(one.kind, known(record.kind).read(one, actor))))
        except InvalidInput as refusal:
            blocked.append(Blocked(place, refusal.detail))
    found = known(record.kind).possible(record, actor, [one for _place, one in ready])
    return sorted([*blocked, *(Blocked(ready[place][0], why) for place, why in found)])


def _wrong(one: Any) -> str:
    """What is wrong with the shape of an action, in a sentence; empty where nothing is."""
    if not isinstance(one, dict) or set(one) != {"kind", "value"}:
        return _("An action has kind and value, and nothing else.")
    kind, value = one["kind"], one["value"]
    if not isinstance(kind, str) or kind not in _SHAPES:
        return _("Kinds are %(known)s.") % {"known": ", ".join(_SHAPES)} + did_you_mean(str(kind)[:20], _SHAPES)
    fits, said = _SHAPES[kind]
    return "" if fits(value) else str(said())


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_NAME and not is_blank(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT and not is_blank(value) and "\x00" not in value


def _is_task(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) in ({"title"}, {"title", "mandatory"})
        and isinstance(value["title"], str)
        and len(value["title"]) <= 200
        and not is_blank(value["title"])
        and isinstance(value.get("mandatory", False), bool)
    )


_SHAPES: dict[str, tuple[Callable[[Any], bool], Callable[[], str]]] = {
    "field": (
        lambda value: isinstance(value, dict) and 1 <= len(value) <= _MOST_FIELDS,
        lambda: _("A field action has an object: the name of each field with its value."),
    ),
    "team": (_is_name, lambda: _("Name a queue by its slug.")),
    "assignee": (lambda value: value is None or _is_name(value), lambda: _("Name a person, or me, or null.")),
    "watcher": (_is_name, lambda: _("Name a person, or me.")),
    "tasks": (
        lambda value: isinstance(value, list) and 1 <= len(value) <= _MOST_TASKS and all(map(_is_task, value)),
        lambda: _("Send 1 to %(most)s tasks, each with a title and whether it is mandatory.") % {"most": _MOST_TASKS},
    ),
    "note": (_is_text, lambda: _("Write something, at most %(most)s characters.") % {"most": _LONGEST_TEXT}),
    "reply": (_is_text, lambda: _("Write something, at most %(most)s characters.") % {"most": _LONGEST_TEXT}),
    "step": (
        lambda value: isinstance(value, dict) and _is_name(value.get("step")) and len(value) <= 10,
        lambda: _("A step action names the step, beside its words."),
    ),
    "parent": (lambda value: value is None or _is_name(value), lambda: _("Name a record by its reference, or null.")),
}
KINDS = tuple(_SHAPES)


def _refused(where: str, wrong: Mapping[str, str]) -> InvalidInput:
    """`wrong`: a sentence by the place of the action; by nothing where the whole list is meant."""
    said = " ".join(f"{where} {int(place) + 1}: {why}" if place else why for place, why in list(wrong.items())[:5])
    nested: Any = {where: [wrong[""]] if "" in wrong else {place: [why] for place, why in wrong.items()}}
    refused = InvalidInput(said)
    refused.errors = nested
    return refused
