"""Documents edited part by part, as the builder does: every function returns another document, which is then judged.

A part is named by what it is and its key: `section` and `question` of a form, `step` of an approval (its place, from
0), `task` of a fulfilment.
"""

import copy
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from itsm.kernel.errors import InvalidInput

Document = dict[str, Any]
PARTS = {"section": "form", "question": "form", "step": "approval", "task": "fulfilment"}


def listed(document: Mapping[str, Any], what: str, key: str = "") -> tuple[list[Any], int]:
    """The list in which a part stands, and its place there; -1 without a key.

    Raises InvalidInput where there is none of this key.
    """
    for parts in _lists(document, what):
        for place, one in enumerate(parts):
            if key == (str(place) if what == "step" else one["key"]):
                return parts, place
    if key:
        raise InvalidInput(_("It is not there any more: somebody changed it meanwhile."))
    return _lists(document, what)[0], -1


def part(document: Mapping[str, Any], what: str, key: str) -> dict[str, Any]:
    """The part of this key. Raises InvalidInput."""
    parts, place = listed(document, what, key)
    found: dict[str, Any] = parts[place]
    return found


def added(document: Document, what: str, new: dict[str, Any], *, section: str = "") -> Document:
    """With another part at the end; a question at the end of its section. Raises InvalidInput (no such section)."""
    made = copy.deepcopy(document)
    if what == "question":
        part(made, "section", section)["questions"].append(new)
    else:
        made[{"section": "sections", "step": "steps", "task": "tasks"}[what]].append(new)
    return made


def replaced(document: Document, what: str, key: str, new: Mapping[str, Any]) -> Document:
    """With what is said of a part instead of what stood there. Raises InvalidInput."""
    made = copy.deepcopy(document)
    part(made, what, key).update(new)
    return made


def removed(document: Document, what: str, key: str) -> Document:
    """Without it; of a section its questions too. A task that waited for it waits for what it waited for.

    Raises InvalidInput.
    """
    made = copy.deepcopy(document)
    parts, place = listed(made, what, key)
    gone = parts.pop(place)
    if what == "task":
        for one in parts:
            if key in one["after"]:
                one["after"] = list(dict.fromkeys([*(k for k in one["after"] if k != key), *gone["after"]]))
    return made


def moved(document: Document, what: str, key: str, *, by: int) -> Document:
    """One place up (-1) or down (1). A question at the edge of its section goes into the one beside it, everything else
    stays there. Raises InvalidInput."""
    made = copy.deepcopy(document)
    parts, place = listed(made, what, key)
    target = place + by
    if 0 <= target < len(parts):
        parts[place], parts[target] = parts[target], parts[place]
    elif what == "question":
        lists = _lists(made, what)
        at = next(n for n, one in enumerate(lists) if one is parts) + by
        if 0 <= at < len(lists):
            lists[at].insert(len(lists[at]) if by < 0 else 0, parts.pop(place))
    return made


def earlier(document: Mapping[str, Any], what: str, key: str) -> list[dict[str, Any]]:
    """The questions at which a condition of this part may look."""
    found: list[dict[str, Any]] = []
    for section in document["sections"]:
        if what == "section" and section["key"] == key:
            return found
        for question in section["questions"]:
            if what == "question" and question["key"] == key:
                return found
            found.append(question)
    return found


def in_words(paths: Mapping[str, list[str]], documents: Mapping[str, Any]) -> list[str]:
    """What is wrong, each with the name of the part where it is."""
    return [f"{_place(path, documents)}{sentence}" for path, said in paths.items() for sentence in said]


def _place(path: str, documents: Mapping[str, Any]) -> str:
    """The label of the innermost named part on the way; "" where none has a name."""
    label = ""
    here: Any = documents
    for name in path.split("."):
        try:
            here = here[int(name)] if isinstance(here, list) else here[name]
        except (KeyError, IndexError, TypeError, ValueError):
            break
        if isinstance(here, dict):
            label = here.get("label") or here.get("title") or label
    return f"{label}: " if label else ""


def _lists(document: Mapping[str, Any], what: str) -> list[list[Any]]:
    if what == "question":
        return [section["questions"] for section in document["sections"]]
    return [document[{"section": "sections", "step": "steps", "task": "tasks"}[what]]]
