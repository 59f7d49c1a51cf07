"""Sentences of the gate for software agents: of our own words alone, so that whoever reads them may go on to ask.

A name that somebody chose (of a window, an item, a measure) is words of a stranger. It is left out of sentences, and
quoted beside them only where an agent asks for words.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from changes.gate.evidence import CONFIDENTIAL
from changes.gate.sentences import condition_sentence, reason_sentence
from changes.gate.verdict import Condition, Reason, Values
from changes.gate.vocabulary import Risk
from itsm.agents.answers import Origin, Quoted
from itsm.agents.quoting import quoted

# Values whose alphabet is closed: slugs, references, numbers, instants, words of our own. Everything else is quoted.
_OURS = frozenset(
    {
        "service", "objective", "indicator", "environment", "row", "kind", "because", "state", "level", "more", "tier",
        "at", "ends_at", "since", "due_at", "soonest", "review_on", "gates_from", "measured", "needed", "burn_1h",
        "burn_6h", "failed", "findings", "runs", "group", "missing", "field", "purpose", "mark", "need", "incident",
        "model", "holder", "bounds", "team", "invariants", "changes", "reference", "questions", "windows",
    }
)  # fmt: skip
# Of these the same value is a reference in one place and a name that somebody chose in another.
_REFERENCES = frozenset({"incident", "changes", "reference"})
_A_REFERENCE = re.compile(r"[A-Z]{2,4}-[0-9]{1,12}(, [A-Z]{2,4}-[0-9]{1,12})*")
_WORD = "[A-Za-z0-9_.:+/%-]+"
_CLOSED = re.compile(rf"{_WORD}(, {_WORD})*|[0-9:-]+( [0-9:]+)? UTC", re.ASCII)
A_NAME = "[a name]"
_LONGEST_CLOSED = 300
_LONGEST_QUOTE = 200


def reason_said(reason: Reason) -> str:
    """The sentence of a reason, without the names in it that somebody chose."""
    return reason_sentence(replace(reason, values=ours(reason.values)))


def words_in(reason: Reason) -> list[Quoted]:
    """Those names, as quotations."""
    return [
        quoted(value, Origin.NAME, longest=_LONGEST_QUOTE)
        for name, value in reason.values.items()
        if not is_ours(name, value)
    ]


def condition_said(condition: Condition) -> str:
    """The sentence of a condition, as that of a reason."""
    return condition_sentence(replace(condition, values=ours(condition.values)))


def risk_said(risk: Risk, engines: list[str]) -> str:
    """The risk, and by which engines."""
    return f"The risk is {risk.value}, by {', '.join(engines)}." if engines else f"The risk is {risk.value}."


def ours(values: Values) -> dict[str, str]:
    """The values, with A_NAME in place of each that somebody else chose."""
    return {name: value if is_ours(name, value) else A_NAME for name, value in values.items()}


def is_ours(name: str, value: str) -> bool:
    """Whether this value can only be one of ours: its alphabet is closed."""
    if not value or (name == "incident" and value.startswith(CONFIDENTIAL)):
        return True
    if name in _REFERENCES:
        return bool(_A_REFERENCE.fullmatch(value))
    return name in _OURS and len(value) <= _LONGEST_CLOSED and bool(_CLOSED.fullmatch(value))


def named(values: Mapping[str, str], name: str) -> list[str]:
    """The several that one value lists."""
    return [one.strip() for one in values.get(name, "").split(",") if one.strip()]
