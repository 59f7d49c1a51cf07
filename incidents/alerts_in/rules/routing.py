"""Whose an alert is: ordered rules over its labels, the first that fits says it. No regular expressions.

{"name": "checkout by night", "when": [{"label": "team", "is": "equals", "value": "shop"}],
 "then": {"service": "checkout", "priority": 2}}
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

TESTS = ("equals", "not", "prefix", "exists", "one_of")
OUTCOMES = ("service", "team", "policy", "priority", "drop", "apart", "settle")
SERVICE_LABELS = ("service", "app", "job")
MOST_RULES = 500


@dataclass(frozen=True, slots=True)
class Routed:
    """`by`: the rule's name, or which label said it, or "" for triage. `number`: the rule's place, from 1."""

    then: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    number: int = 0


def fits(when: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> bool:
    """Whether every condition holds."""
    return all(_holds(one, labels) for one in when)


def _holds(condition: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    found, wanted = labels.get(condition["label"], ""), condition.get("value", "")
    match condition["is"]:
        case "equals":
            return bool(found == wanted)
        case "not":
            return bool(found != wanted)
        case "prefix":
            return found.startswith(wanted)
        case "exists":
            return found != ""
        case _:
            return found in wanted


def route(rules: Sequence[Mapping[str, Any]], labels: Mapping[str, str], is_service: Callable[[str], bool]) -> Routed:
    """The first rule that fits; else the label that names a service; else nothing: triage."""
    for number, rule in enumerate(rules, 1):
        if fits(rule["when"], labels):
            then = dict(rule["then"])
            if "service" not in then and not then.get("drop"):
                then |= _by_label(labels, is_service).then
            return Routed(then, rule["name"], number)
    return _by_label(labels, is_service)


def _by_label(labels: Mapping[str, str], is_service: Callable[[str], bool]) -> Routed:
    for name in SERVICE_LABELS:
        if labels.get(name) and is_service(labels[name]):
            return Routed({"service": labels[name]}, f"label {name}")
    return Routed()


def wrong_with(rules: Any) -> str:
    """What is wrong with these rules, in a sentence for people; "" where nothing is."""
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        return _("Rules are a list of at most %(most)d.") % {"most": MOST_RULES}
    for number, rule in enumerate(rules, 1):
        if wrong := _wrong_with_rule(rule):
            return _("Rule %(number)d: %(wrong)s") % {"number": number, "wrong": wrong}
    return ""


def _wrong_with_rule(rule: Any) -> str:
    if not isinstance(rule, dict) or set(rule) != {"name", "when", "then"}:
        return _("it has a name, when and then.")
    if not _is_text(rule["name"]):
        return _("its name is a text of at most 200 characters.")
    if not isinstance(rule["when"], list) or not 1 <= len(rule["when"]) <= 20:
        return _("when is a list of one to 20 conditions.")
    for condition in rule["when"]:
        if wrong := _wrong_with_condition(condition):
            return wrong
    return _wrong_with_outcome(rule["then"])


def _wrong_with_condition(condition: Any) -> str:
    if not isinstance(condition, dict) or not _is_text(condition.get("label")):
        return _("a condition names a label.")
    test, value = condition.get("is"), condition.get("value", "")
    if test not in TESTS or set(condition) - {"label", "is", "value"}:
        return _("a condition is one of %(tests)s.") % {"tests": ", ".join(TESTS)}
    if test == "one_of":
        is_list = isinstance(value, list) and 1 <= len(value) <= 200 and all(_is_text(one) for one in value)
        return "" if is_list else _("one_of takes a list of texts.")
    if test == "exists":
        return "" if value == "" else _("exists takes no value.")
    return "" if isinstance(value, str) and len(value) <= 200 else _("%(test)s takes a text.") % {"test": test}


def _wrong_with_outcome(then: Any) -> str:
    if not isinstance(then, dict) or not then or set(then) - set(OUTCOMES):
        return _("then says some of %(outcomes)s.") % {"outcomes": ", ".join(OUTCOMES)}
    for name in ("service", "team", "policy"):
        if name in then and not _is_text(then[name], 63):
            return _("%(name)s is a slug.") % {"name": name}
    for name in ("drop", "apart"):
        if name in then and then[name] is not True:
            return _("%(name)s is true, or is not said.") % {"name": name}
    if "priority" in then and not _is_whole(then["priority"], 1, 5):
        return _("priority is 1 to 5.")
    if "settle" in then and not _is_whole(then["settle"], 1, 1440):
        return _("settle is 1 to 1440 minutes.")
    return ""


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_text(value: Any, longest: int = 200) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest
