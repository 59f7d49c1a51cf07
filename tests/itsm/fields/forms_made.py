"""Random forms and what a page may send of them: for the property that server and browser agree."""

import random
import unicodedata
from typing import Any

from itsm.fields.form.conditions import OPS_OF, WITH_MANY, WITHOUT_VALUE

_TYPES = (
    "text",
    "long",
    "link",
    "whole",
    "decimal",
    "yes_no",
    "choice",
    "choices",
    "date",
    "instant",
    "person",
    "file",
)
_OPTIONS = ("red", "green", "blue", "no_colour")
_TEXTS = (
    "", " ", "a", "A", "Straße", "STRASSE", "İstanbul", "i̇", "Ångström", "A\u030angström", "\u00a0a\u00a0", "\u200b",
    "ΟΔΥΣΣΕΥΣ", "οδυσσευς", "line\nline", "line\r\nline", "\ufeffa", "\u115f", "ﬁ", "👩‍🚀", "a\x1c", "0", "01", "no", "0.10", "-0",
)  # fmt: skip
_WHOLES = ("", "0", "-0", "7", "07", " 7 ", "8", "-3", "1000000000000000", "999999999999999", "1e3", "7.0", "٣", "x")
_DECIMALS = ("", "0", "0.1", "0.10", "0.100000", "-0.1", "12.5", "12.50 ", "999999999999999.999999", "1.", ".5", "1,5")
_DAYS = ("", "2026-11-28", "2026-11-29", "2024-02-29", "2026-02-29", "0000-01-01", "0099-12-31", "2026-13-01", "1/1/26")
_SENT: dict[str, tuple[str, ...]] = {
    "text": _TEXTS, "long": _TEXTS, "link": ("", "https://a.example", "a"), "whole": _WHOLES, "decimal": _DECIMALS,
    "yes_no": ("", "yes", "no"), "choice": ("", *_OPTIONS), "date": _DAYS, "instant": ("", "2026-11-28T10:00"),
    "person": ("", "agent"), "file": ("", "c56a4180-65aa-42ec-a945-5fd21dec0538"),
}  # fmt: skip


def a_form(rng: random.Random) -> dict[str, Any]:
    """A document of up to twelve questions in up to four sections; conditions look at what was asked before."""
    earlier: list[dict[str, Any]] = []
    sections = []
    for at in range(rng.randint(1, 4)):
        section = {"key": f"s{at}", "title": "Section", "show_when": _maybe(rng, earlier, 0.3), "questions": []}
        for _place in range(rng.randint(0, 4)):
            section["questions"].append(_question(rng, earlier))
        sections.append(section)
    return {"sections": sections}


def _question(rng: random.Random, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    type_ = rng.choice(_TYPES)
    options = [{"key": key, "label": key} for key in _OPTIONS] if type_ in ("choice", "choices") else []
    made = {
        "key": f"q{len(earlier)}", "label": "Question", "type": type_, "options": options,
        "show_when": _maybe(rng, earlier, 0.6),
    }  # fmt: skip
    earlier.append(made)
    return made


def _maybe(rng: random.Random, earlier: list[dict[str, Any]], share: float) -> dict[str, Any] | None:
    return _group(rng, earlier, 1) if earlier and rng.random() < share else None


def _group(rng: random.Random, earlier: list[dict[str, Any]], depth: int) -> dict[str, Any]:
    parts = [
        _group(rng, earlier, depth + 1) if depth < 4 and rng.random() < 0.2 else _leaf(rng, rng.choice(earlier))
        for _at in range(rng.randint(1, 3))
    ]
    return {rng.choice(("all", "any")): parts}


def _leaf(rng: random.Random, question: dict[str, Any]) -> dict[str, Any]:
    op = rng.choice(OPS_OF[question["type"]])
    leaf = {"field": question["key"], "op": op}
    if op in WITHOUT_VALUE:
        return leaf
    if op in WITH_MANY:
        return {**leaf, "value": [_value(rng, question["type"]) for _at in range(rng.randint(1, 3))]}
    return {**leaf, "value": _value(rng, question["type"])}


def _value(rng: random.Random, type_: str) -> Any:
    match type_:
        case "yes_no":
            return rng.random() < 0.5
        case "choice" | "choices":
            return rng.choice(_OPTIONS)
        case "whole":
            return rng.choice((0, 7, 8, -3, 10**15, 999_999_999_999_999))
        case "decimal":
            return rng.choice(("0", "0.1", "-0.1", "12.5", "7"))
        case "date":
            return rng.choice(("2026-11-28", "2024-02-29", "0099-12-31"))
    return rng.choice([one for one in _TEXTS if one.strip(" \u00a0\u200b\u115f\ufeff")])


def what_is_sent(rng: random.Random, form: dict[str, Any]) -> dict[str, list[str]]:
    """Key -> the values of its inputs, as a page sends them."""
    sent = {}
    named = _named(form)
    for section in form["sections"]:
        for question in section["questions"]:
            if question["type"] == "choices":
                sent[question["key"]] = ["", *(one for one in _OPTIONS if rng.random() < 0.4)]
            else:
                sent[question["key"]] = [rng.choice(_near(named, question) or _SENT[question["type"]])]
                named = {} if rng.random() < 0.5 else _named(form)
    return sent


def _named(form: dict[str, Any]) -> dict[str, list[Any]]:
    """Key -> what conditions compare its answer with."""
    found: dict[str, list[Any]] = {}
    waiting = [one["show_when"] for section in form["sections"] for one in (section, *section["questions"])]
    while waiting:
        part = waiting.pop()
        if part and "field" in part:
            value = part.get("value")
            found.setdefault(part["field"], []).extend(value if isinstance(value, list) else [value])
        elif part:
            waiting += next(iter(part.values()))
    return found


def _near(named: dict[str, list[Any]], question: dict[str, Any]) -> list[str]:
    """Such a value as people type it: in another normal form, with a blank, in capitals."""
    if question["type"] in ("yes_no", "choice"):
        return []
    texts = [str(one) for one in named.get(question["key"], ()) if one is not None]
    return [near for one in texts for near in (unicodedata.normalize("NFD", one), f" {one}", one.upper(), one)]
