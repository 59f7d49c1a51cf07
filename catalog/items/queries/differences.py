"""What somebody changed as they wrote in an item: kept as plain data with the history, told in the reader's language.

Each line is `[what, name, before, after]`; `before` and `after` are texts, "" where there is none. Options, rules and
lists are kept as people write them; a condition as JSON, since its words are of the reader's language.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from catalog.items.models import CatalogItemVersion
from itsm.ui.activity import Delta

MOST_LINES, LONGEST, LONGEST_CONDITION = 60, 200, 2000
TOLD = "content"  # the key in the changes of a history entry
_PLAIN = ("name", "summary", "description", "category", "keywords", "price_minor", "currency", "price_period",
          "expected_hours", "bundle", "asks_cost_centre", "service_id", "agreement_id")  # fmt: skip
_ASPECTS = ("label", "help", "type", "rules", "options", "required", "default", "from_person", "show_when", "audience")
_SHOWN_WHEN = "question_show_when"


def differences(before: CatalogItemVersion, content: Mapping[str, Any]) -> list[list[str]]:
    """Of a draft, with what is written into it now; at most sixty lines."""
    lines: list[list[str]] = []
    for name in _PLAIN:
        field = name.removesuffix("_id")
        if field in content or name in content:
            said = content.get(field, content.get(name))
            lines += _pair("field", field, getattr(before, field, None), said)
    if "picture" in content:
        lines.append(["picture", "", "", ""])
    if "form" in content:
        lines += _form(before.form, content["form"])
    if "approval" in content:
        lines += _parts("step", _numbered(before.approval["steps"]), _numbered(content["approval"]["steps"]))
    if "fulfilment" in content:
        lines += _tasks(before.fulfilment, content["fulfilment"])
    return lines[:MOST_LINES]


def _form(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[list[str]]:
    yield from _parts("section", _sections(before), _sections(after))
    there, here = _questions(before), _questions(after)
    yield from _parts("question", {key: one["label"] for key, one in there.items()},
                      {key: one["label"] for key, one in here.items()}, only_names=True)  # fmt: skip
    for key in (key for key in there if key in here):
        for aspect in _ASPECTS:
            yield from _pair(f"question_{aspect}", here[key]["label"], there[key][aspect], here[key][aspect])
    moved = [key for key in there if key in here] != [key for key in here if key in there]
    if moved:
        yield ["order", "", "", ""]


def _questions(form: Mapping[str, Any]) -> dict[str, Any]:
    return {one["key"]: one for section in form["sections"] for one in section["questions"]}


def _sections(form: Mapping[str, Any]) -> dict[str, str]:
    kept = ("title", "help", "show_when")
    return {one["key"]: _text({name: one[name] for name in kept}) for one in form["sections"]}


def _numbered(steps: Sequence[Any]) -> dict[str, str]:
    return {str(number): _text(step) for number, step in enumerate(steps, 1)}


def _tasks(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[list[str]]:
    """By their keys, which stay where a task is called something else; told by what they are called."""
    there, here = ({one["key"]: one for one in document["tasks"]} for document in (before, after))
    for key, one in there.items():
        if key not in here:
            yield ["task", one["title"], "there", ""]
        elif here[key] != one:
            yield ["task", here[key]["title"], "there", "other"]
    for key, one in here.items():
        if key not in there:
            yield ["task", one["title"], "", "there"]


def _parts(
    what: str, before: Mapping[str, str], after: Mapping[str, str], *, only_names: bool = False
) -> Iterable[list[str]]:
    for key, stood in before.items():
        if key not in after:
            yield [what, stood if only_names else key, "there", ""]
        elif after[key] != stood and not only_names:
            yield [what, key, "there", "other"]
    for key, stands in after.items():
        if key not in before:
            yield [what, stands if only_names else key, "", "there"]


def _pair(what: str, name: str, before: Any, after: Any) -> list[list[str]]:
    if before == after:
        return []
    text = _condition if what == _SHOWN_WHEN else _text
    return [[what, name, text(before), text(after)]]


def _condition(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:LONGEST_CONDITION] if value else ""


def _text(value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = _plainly(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _plainly(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, list) and all(isinstance(one, dict) and "label" in one for one in value):
        return ", ".join(_option(one) for one in value)
    if isinstance(value, dict) and all(isinstance(one, str | int) for one in value.values()):
        return ", ".join(f"{name} {said}" for name, said in sorted(value.items()))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _option(option: Mapping[str, Any]) -> str:
    """As its writer types it, with what it costs more in the smallest unit of money."""
    return f"{option['label']} | {option['surcharge']}" if option.get("surcharge") else str(option["label"])


Says = Callable[[Mapping[str, Any]], str]


def tell_content(entries: Iterable[Any], says: Says) -> None:
    """Let each entry say what of the content was changed (`told_also`); `says` words a condition. No query."""
    for entry in entries:
        pair = entry.changes.get(TOLD)
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], list):
            entry.told_also = [_delta(*line, says=says) for line in pair[1] if len(line) == 4]


def _delta(what: str, name: str, before: str, after: str, *, says: Says) -> Delta:
    label, is_part = _label(what, name)
    if is_part:
        words = {"": _("nothing"), "there": _("there"), "other": _("changed")}
        return Delta(label, words.get(before, before), words.get(after, after))
    if what in {"picture", "order"}:
        return Delta(label, _("as it was"), _("changed"))
    if what == _SHOWN_WHEN:
        return Delta(label, _when(before, says), _when(after, says))
    return Delta(label, _said(before), _said(after))


def _when(kept: str, says: Says) -> str:
    """A condition that was kept, in words; one that was too long to be kept whole is only said to be there."""
    if not kept:
        return _("always")
    try:
        return says(json.loads(kept))
    except ValueError:
        return _("a long condition")


def _said(text: str) -> str:
    return {"": _("nothing"), "yes": _("yes"), "no": _("no")}.get(text, text)


def _label(what: str, name: str) -> tuple[str, bool]:
    """What the line is about, and whether it is a part that comes, goes or changes as a whole."""
    parts = {
        "section": _("Section %(name)s"), "question": _("Question “%(name)s”"),
        "step": _("Step %(name)s of the approval"), "task": _("Task “%(name)s”"),
    }  # fmt: skip
    if what in parts:
        return parts[what] % {"name": name}, True
    if what == "picture":
        return _("Picture"), False
    if what == "order":
        return _("Order of the questions"), False
    if what == "field":
        return _field_label(name), False
    aspects = {
        "label": _("words"), "help": _("help"), "type": _("type"), "rules": _("rules"), "options": _("options"),
        "required": _("must be answered"), "default": _("filled in with"),
        "from_person": _("filled in from the person"), "show_when": _("shown when"), "audience": _("who reads it"),
    }  # fmt: skip
    return f"“{name}”: {aspects.get(what.removeprefix('question_'), what)}", False


def _field_label(name: str) -> str:
    field = next((one for one in CatalogItemVersion._meta.concrete_fields if one.name == name), None)
    return str(getattr(field, "verbose_name", name)).capitalize()
