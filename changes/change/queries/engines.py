"""What each risk engine said, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.gate.risk import ORDER
from changes.gate.verdict import Contribution
from changes.gate.vocabulary import Engine
from itsm.ui.figures import percent

NAMES: Mapping[Engine, Any] = {
    Engine.QUESTIONNAIRE: gettext_lazy("the model or questionnaire"),
    Engine.CLAIMS: gettext_lazy("what the request says"),
    Engine.HISTORY: gettext_lazy("history"),
    Engine.IMPACT: gettext_lazy("impact × probability"),
    Engine.BLAST_RADIUS: gettext_lazy("blast radius"),
    Engine.CONFLICT: gettext_lazy("conflicts"),
}
_FACTS: Mapping[Engine, Any] = {
    Engine.QUESTIONNAIRE: gettext_lazy("approved model %(model)s"),
    Engine.HISTORY: gettext_lazy("%(runs)s earlier runs here, failures weigh %(failures)s"),
    Engine.IMPACT: gettext_lazy("tier %(tier)s: impact %(impact)s, probability %(probability)s"),
    Engine.BLAST_RADIUS: gettext_lazy("%(services)s services depend on it"),
    Engine.CONFLICT: gettext_lazy("%(changes)s"),
}
_CLAIMS: Mapping[str, Any] = {
    "tests_failed": gettext_lazy("failed tests"),
    "migration": gettext_lazy("a schema migration"),
}


@dataclass(frozen=True, slots=True)
class EngineRow:
    """One engine. `limits` is empty where it has no score; one that is not counted only informs. `decides`: it is among
    the highest of those that count.
    """

    name: Any
    risk: str
    is_counted: bool
    is_known: bool
    score: str
    limits: str
    facts: str
    decides: bool


def engine_rows(contributions: Sequence[Contribution]) -> list[EngineRow]:
    """One row for a page for each contribution to the risk, in the same order."""
    highest = max((ORDER.index(one.risk) for one in contributions if one.counted), default=-1)
    return [_line(one, decides=one.counted and ORDER.index(one.risk) == highest) for one in contributions]


def _line(one: Contribution, *, decides: bool) -> EngineRow:
    shown = _as_percent if one.engine is Engine.HISTORY else str
    limits = _("medium from %(medium)s, high from %(high)s") % {
        "medium": shown(one.medium_from),
        "high": shown(one.high_from),
    }
    score = shown(one.score) if one.score else ""
    return EngineRow(
        NAMES[one.engine],
        one.risk.value,
        one.counted,
        one.known,
        score,
        limits if one.medium_from else "",
        _facts(one),
        decides,
    )


def _as_percent(text: str) -> str:
    return percent(Decimal(text)) if text else ""


def _facts(one: Contribution) -> str:
    if one.engine is Engine.QUESTIONNAIRE and one.values.get("because") == "unanswered":
        return _("not answered: %(questions)s") % {"questions": one.values.get("questions", "")}
    if not one.known:
        return _("it cannot be seen")
    if one.engine is Engine.CLAIMS:
        return ", ".join(str(_CLAIMS.get(name, name)) for name in one.values)
    if one.engine is Engine.QUESTIONNAIRE and "model" not in one.values:
        return one.values.get("answers", "")
    words = str(_FACTS[one.engine])
    return words % one.values if all(f"%({name})s" not in words or value for name, value in one.values.items()) else ""
