"""What follows from a version of an item and the answers to its form: its approval, its tasks, its price. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from catalog.items.formats.approval import ApprovalStep, parse_approval
from catalog.items.formats.fulfilment import PLACEHOLDER, TaskPlan, parse_fulfilment
from itsm.fields.form.comparable import Comparable, comparable
from itsm.fields.form.conditions import met
from itsm.fields.form.document import Form

_LONGEST_OTHER = 200  # characters of an answer that is no text, such as a name, in words


def _read(form: Form, answers: Mapping[str, Any]) -> dict[str, Comparable]:
    known = form.definitions
    return {key: comparable(known[key], value) for key, value in answers.items() if key in known}


def steps_asked(document: Any, form: Form, answers: Mapping[str, Any]) -> list[ApprovalStep]:
    """The steps of an approval whose condition holds for these answers, in order."""
    read = _read(form, answers)
    return [one for one in parse_approval(document, form).steps if met(one.when, read, form.definitions)]


def tasks_planned(document: Any, form: Form, answers: Mapping[str, Any]) -> list[TaskPlan]:
    """The tasks of a fulfilment whose condition holds for these answers, in order. One that is left out takes nobody's
    place: what came after it comes after what it came after."""
    read = _read(form, answers)
    every = {one.key: one for one in parse_fulfilment(document, form).tasks}
    kept = {key for key, one in every.items() if met(one.when, read, form.definitions)}
    return [
        TaskPlan(
            one.key, one.title, one.kind, tuple(dict.fromkeys(_before(one, every, kept))), None, one.team,
            one.mandatory, one.change_model, one.values,
        )
        for key, one in every.items() if key in kept
    ]  # fmt: skip


def _before(task: TaskPlan, every: Mapping[str, TaskPlan], kept: set[str]) -> Sequence[str]:
    found: list[str] = []
    for key in task.after:
        found += [key] if key in kept else _before(every[key], every, kept)
    return found


def filled(text: str, said: Mapping[str, str]) -> str:
    """The text with what was answered where {{question}} stands; nothing where nothing was. Once: an answer that looks
    like a placeholder stays as it is."""
    return PLACEHOLDER.sub(lambda found: said.get(found[1], ""), text)


def longest_made(document: Any, form: Form, answers: Mapping[str, Any]) -> tuple[int, str]:
    """How many characters one text of a fulfilment would have with these answers, at most, and the title of its task:
    reckoned, and not made, since a placeholder may stand in it hundreds of times."""
    sizes = {key: len(value) if isinstance(value, str) else _LONGEST_OTHER for key, value in answers.items()}
    longest, of = 0, ""
    for task in tasks_planned(document, form, answers):
        for text in (task.title, *task.values.values()):
            size = len(text) + sum(sizes.get(found[1], 0) for found in PLACEHOLDER.finditer(text))
            if size > longest:
                longest, of = size, task.title
    return longest, of


def price_of(price_minor: int, surcharge: int, currency: str, quantity: int) -> int | None:
    """Quantity times the price with its surcharges, in minor units, exactly; None where no currency is said."""
    return quantity * (price_minor + surcharge) if currency else None


def content_hash_of(version_hash: str, quantity: int, requested_for: int, answers: Mapping[str, Any]) -> str:
    """What approvals are about: SHA-256 of what is asked for, how often, for whom, with which answers."""
    said = json.dumps([version_hash, quantity, requested_for, answers], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()
