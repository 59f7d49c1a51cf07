"""What is done once an item is approved: tasks, in order and side by side.

    {"tasks": [{"key": "order", "title": "Order it", "kind": "work", "after": [], "when": null, "team": "support",
                "mandatory": true, "change_model": "", "values": {}}]}

`values`: name -> text, with {{question}} where an answer goes; for a change `title`, `description`, `plan`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from catalog.items.vocabulary import MAX_TASKS, TaskKind
from itsm.fields.form.condition_parsing import parse_condition
from itsm.fields.form.conditions import Group, as_json
from itsm.fields.form.document import Form, FormRefused
from itsm.fields.form.findings import Findings
from itsm.fields.vocabulary import KEY

PLACEHOLDER = re.compile(r"\{\{ ?([a-z][a-z0-9_]{0,39}) ?\}\}")
_KEY = re.compile(KEY)
_TASK = ("key", "title", "kind", "after", "when", "team", "mandatory", "change_model", "values")
_MOST_VALUES, _LONGEST_VALUE = 20, 4_000


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """`after`: keys of the tasks that are over before it begins. `team`: its slug, "" for the item's own. `mandatory`:
    the item is complete only where it was done. `change_model`: slug of the model of a standard change."""

    key: str
    title: str
    kind: str = "work"
    after: tuple[str, ...] = ()
    when: Group | None = None
    team: str = ""
    mandatory: bool = True
    change_model: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key, "title": self.title, "kind": self.kind, "after": list(self.after),
            "when": as_json(self.when), "team": self.team, "mandatory": self.mandatory,
            "change_model": self.change_model, "values": dict(self.values),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fulfilment:
    tasks: tuple[TaskPlan, ...] = ()

    @property
    def opens_a_change(self) -> bool:
        return any(one.kind == TaskKind.CHANGE for one in self.tasks)

    def to_json(self) -> dict[str, Any]:
        return {"tasks": [one.to_json() for one in self.tasks]}


def parse_fulfilment(raw: Any, form: Form) -> Fulfilment:
    """The fulfilment that a document says, of an item with this form. Raises FormRefused with what is wrong, by path:
    tasks that wait for each other are named in their order."""
    found = Findings()
    body = found.mapping("", raw, ("tasks",))
    tasks = found.listed("tasks", body.get("tasks", []), MAX_TASKS)
    read = tuple(_task(found, f"tasks.{at}", one, form) for at, one in enumerate(tasks))
    _judge_order(found, read)
    if found.errors:
        raise FormRefused(_("The fulfilment cannot be used like this."), found.errors)
    return Fulfilment(read)


def _task(found: Findings, path: str, raw: Any, form: Form) -> TaskPlan:
    body = found.mapping(path, raw, _TASK)
    key = body.get("key")
    if not isinstance(key, str) or not _KEY.match(key):
        found.add(f"{path}.key", _("Lower-case letters, digits and '_', at most 40, beginning with a letter."))
        key = ""
    kind = found.one_of(f"{path}.kind", body.get("kind", TaskKind.WORK.value), tuple(TaskKind.values))
    model = found.text(f"{path}.change_model", body.get("change_model"), 80, needed=kind == TaskKind.CHANGE)
    if model and kind != TaskKind.CHANGE:
        found.add(f"{path}.change_model", _("Only a standard change has a model."))
    title = found.text(f"{path}.title", body.get("title"), 200, needed=True)
    _judge_placeholders(found, f"{path}.title", title, form)
    return TaskPlan(
        key, title, kind, _after(found, f"{path}.after", body.get("after", [])),
        parse_condition(found, f"{path}.when", body.get("when"), form.definitions),
        found.text(f"{path}.team", body.get("team"), 63),
        found.flag(f"{path}.mandatory", body.get("mandatory", True)),
        model, _values(found, f"{path}.values", body.get("values"), form),
    )  # fmt: skip


def _after(found: Findings, path: str, raw: Any) -> tuple[str, ...]:
    listed = found.listed(path, raw, MAX_TASKS)
    if not all(isinstance(one, str) for one in listed):
        found.add(path, _("Send the keys of tasks."))
        return ()
    return tuple(dict.fromkeys(listed))


def _values(found: Findings, path: str, raw: Any, form: Form) -> dict[str, str]:
    if raw is None:
        return {}
    if not isinstance(raw, dict) or len(raw) > _MOST_VALUES:
        found.add(path, _("Send an object of at most %(most)s texts.") % {"most": _MOST_VALUES})
        return {}
    read: dict[str, str] = {}
    for name, text in raw.items():
        if not _KEY.match(name):
            found.add(path, _("%(name)s is no name of a value.") % {"name": name[:40]})
            continue
        read[name] = found.text(f"{path}.{name}", text, _LONGEST_VALUE)
        _judge_placeholders(found, f"{path}.{name}", read[name], form)
    return read


def _judge_placeholders(found: Findings, path: str, text: str, form: Form) -> None:
    known = form.definitions
    for key in PLACEHOLDER.findall(text):
        if key not in known:
            found.add(path, _("{{%(key)s}} is the answer to no question of this form.") % {"key": key})


def _judge_order(found: Findings, tasks: tuple[TaskPlan, ...]) -> None:
    places: dict[str, int] = {}
    for at, one in enumerate(tasks):
        if one.key and one.key in places:
            found.add(f"tasks.{at}.key", _("%(key)s is there twice.") % {"key": one.key})
        places.setdefault(one.key, at)
    for at, one in enumerate(tasks):
        if odd := [key for key in one.after if key not in places]:
            found.add(f"tasks.{at}.after", _("There is no task %(key)s.") % {"key": odd[0][:40]})
    if circle := _circle({one.key: [key for key in one.after if key in places] for one in tasks}):
        said = _("These tasks wait for each other: %(path)s.") % {"path": " → ".join(circle)}
        found.add(f"tasks.{places[circle[0]]}.after", said)


def _circle(after: Mapping[str, list[str]]) -> list[str]:
    """A way from a task back to itself, in the order in which each waits for the next; [] where there is none."""
    done: set[str] = set()
    for start in after:
        way: list[str] = []
        stack = [(start, iter(after[start]))] if start not in done else []
        while stack:
            key, rest = stack[-1]
            if len(way) < len(stack):
                way.append(key)
            following = next((one for one in rest if one not in done), None)
            if following is None:
                done.add(key)
                stack.pop()
                way.pop()
            elif following in way:
                return [*way[way.index(following) :], following]
            else:
                stack.append((following, iter(after[following])))
    return []
