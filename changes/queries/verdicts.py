"""A verdict in words: the stored JSON read back, with each code as a sentence in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext

from changes.gate import sentences
from changes.gate.canonical import from_json
from changes.gate.verdict import Authority, Contribution, JudgedBudget, Reason, Verdict
from changes.models import Decision


@dataclass(frozen=True, slots=True)
class Said:
    """One reason with its sentence."""

    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class Kinder:
    """One flip: what would have to change, and the answer it would lead to."""

    code: str
    sentence: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Explained:
    verdict: Verdict
    reasons: tuple[Said, ...]
    flips: tuple[Kinder, ...]
    conditions: tuple[str, ...]

    @property
    def budgets(self) -> tuple[JudgedBudget, ...]:
        return self.verdict.budgets

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        return self.verdict.contributions

    @property
    def authority(self) -> Authority | None:
        return self.verdict.authority

    @property
    def not_before(self) -> datetime | None:
        return self.verdict.not_before


def explained(verdict: Verdict) -> Explained:
    """Every rule that spoke as a sentence, in the active language."""
    return Explained(
        verdict=verdict,
        reasons=tuple(Said(one, sentences.reason_sentence(one, gettext)) for one in verdict.reasons),
        flips=tuple(
            Kinder(flip.code, sentences.flip_sentence(flip, gettext), flip.outcome.value) for flip in verdict.flips
        ),
        conditions=tuple(sentences.condition_sentence(one, gettext) for one in verdict.conditions),
    )


def of_decision(decision: Decision) -> Explained:
    """What was written reads back equal (`canonical`), so that the verdict at hand serves as well."""
    return explained(decision.known or from_json(Verdict, decision.verdict))


def ratio_text(value: Decimal) -> str:
    """A ratio for the API: a decimal string with at least six decimals, "0" for nothing."""
    if not value:
        return "0"
    exponent = value.as_tuple().exponent
    return f"{value:.6f}" if isinstance(exponent, int) and exponent > -6 else f"{value:f}"
