"""Rules of routing as people write them: a line for each, in order.

Disks: alertname one of Disk, Inodes -> team platform, priority 3
Test systems: environment is test and severity exists -> drop
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

WORDS = {"is": "equals", "is not": "not", "begins with": "prefix", "one of": "one_of"}
_SAID = {test: words for words, test in WORDS.items()}
_CONDITION = re.compile(r"^(?P<label>[^\s]+) (?P<test>is not|is|begins with|one of) (?P<value>.+)$")
_EXISTS = re.compile(r"^(?P<label>[^\s]+) exists$")
_FLAGS = ("drop", "apart")
_NUMBERS = ("priority", "settle")
_SLUGS = ("service", "team", "policy")


class Unreadable(ValueError):
    """A line that is no rule; the message names the line and what is missing."""


def read(text: str) -> list[dict[str, Any]]:
    """The rules of these lines, or of JSON. Raises Unreadable; whether they are sound says `routing.wrong_with`."""
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Unreadable(_("This is no JSON: %(why)s") % {"why": str(error)[:150]}) from error
        return list(found) if isinstance(found, list) else []
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    return [_rule(line, number) for number, line in lines if line and not line.startswith("#")]


def _rule(line: str, number: int) -> dict[str, Any]:
    name, colon, rest = line.partition(":")
    tests, arrow, says = rest.partition("->")
    if not colon or not arrow or not name.strip():
        said = _("Line %(line)d: a rule reads “name: label is value -> service checkout”.")
        raise Unreadable(said % {"line": number})
    when = [_condition(one.strip(), number) for one in tests.split(" and ")]
    then: dict[str, Any] = {}
    for one in says.split(","):
        then |= _outcome(one.strip(), number)
    return {"name": name.strip(), "when": when, "then": then}


def _condition(text: str, number: int) -> dict[str, Any]:
    if found := _EXISTS.match(text):
        return {"label": found["label"], "is": "exists"}
    found = _CONDITION.match(text)
    if found is None:
        said = _("Line %(line)d: “%(text)s” is no condition: label is, is not, begins with, one of, or exists.")
        raise Unreadable(said % {"line": number, "text": text[:60]})
    test, value = WORDS[found["test"]], found["value"].strip()
    listed: Any = [one.strip() for one in value.split(",") if one.strip()] if test == "one_of" else value
    return {"label": found["label"], "is": test, "value": listed}


def _outcome(text: str, number: int) -> dict[str, Any]:
    word, _space, value = text.partition(" ")
    value = value.strip()
    if word in _FLAGS and not value:
        return {word: True}
    if word in _NUMBERS and value.isascii() and value.isdecimal():
        return {word: int(value)}
    if word in _SLUGS and value:
        return {word: value}
    said = _(
        "Line %(line)d: “%(text)s” is no outcome: service, team or policy with a slug, priority 1 to 5, settle "
        "minutes, drop, apart."
    )
    raise Unreadable(said % {"line": number, "text": text[:60]})


def write(rules: Sequence[Mapping[str, Any]]) -> str:
    """The same rules as lines; as JSON where a line could not say them."""
    text = "\n".join(map(_line, rules))
    try:
        if read(text) == list(rules):
            return text
    except Unreadable:
        pass
    return json.dumps(rules, indent=1, ensure_ascii=False)


def _line(rule: Mapping[str, Any]) -> str:
    tests = " and ".join(map(_test, rule["when"]))
    says = ", ".join(name if value is True else f"{name} {value}" for name, value in rule["then"].items())
    return f"{rule['name']}: {tests} -> {says}"


def _test(condition: Mapping[str, Any]) -> str:
    if condition["is"] == "exists":
        return f"{condition['label']} exists"
    value = condition["value"]
    return f"{condition['label']} {_SAID[condition['is']]} {', '.join(value) if isinstance(value, list) else value}"
