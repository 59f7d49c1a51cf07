"""A verdict in words: the stored JSON read back, with each code as a sentence in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext

from changes.change.models import Decision
from changes.change.queries.risk_words import RISKS, deciding_first, risk_sentence
from changes.change.vocabulary import OUTCOMES
from changes.gate import sentences
from changes.gate.canonical import from_json
from changes.gate.verdict import Authority, Contribution, JudgedBudget, Reason, Verdict
from itsm.ui.colours import word

_ALONE = ("approved", "exception")


def answer_word(outcome: str) -> str:
    """One word for each outcome, on pages, in lists, sentences and mails."""
    return str(word(OUTCOMES, outcome)[0])


@dataclass(frozen=True, slots=True)
class ReasonText:
    """One reason with its sentence."""

    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class WhatWouldHelp:
    """One help: what would have to change, and the answer it would lead to."""

    code: str
    sentence: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A verdict with its texts in the reader's language."""

    verdict: Verdict
    reasons: tuple[ReasonText, ...]
    what_would_help: tuple[WhatWouldHelp, ...]
    conditions: tuple[str, ...]

    @property
    def answer(self) -> str:
        """The outcome in the word that stands for it everywhere."""
        return answer_word(self.verdict.outcome)

    @property
    def help_alone(self) -> list[WhatWouldHelp]:
        """What would let it go without people."""
        return [one for one in self.what_would_help if one.outcome in _ALONE]

    @property
    def help_with_people(self) -> list[WhatWouldHelp]:
        """What would help and leads to an answer by people."""
        return [one for one in self.what_would_help if one.outcome not in _ALONE]

    @property
    def budgets(self) -> tuple[JudgedBudget, ...]:
        """The budgets that the verdict rests on."""
        return self.verdict.budgets

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each engine contributed to the risk."""
        return self.verdict.contributions

    @property
    def authority(self) -> Authority | None:
        """Who is asked; None where nobody is."""
        return self.verdict.authority

    @property
    def not_before(self) -> datetime | None:
        """When it is judged again; None unless postponed."""
        return self.verdict.not_before


def explained(verdict: Verdict) -> Explained:
    """Every rule that spoke as a sentence, in the active language."""
    return Explained(
        verdict=verdict,
        reasons=tuple(ReasonText(one, _sentence(one, verdict)) for one in deciding_first(verdict)),
        what_would_help=tuple(
            WhatWouldHelp(help.code, sentences.help_sentence(help, gettext), help.outcome.value)
            for help in verdict.what_would_help
        ),
        conditions=tuple(sentences.condition_sentence(one, gettext) for one in verdict.conditions),
    )


def _sentence(reason: Reason, verdict: Verdict) -> str:
    return risk_sentence(verdict) if reason.code in RISKS else sentences.reason_sentence(reason, gettext)


def of_decision(decision: Decision) -> Explained:
    """What was written reads back equal (`canonical`), so that the verdict at hand serves as well."""
    return explained(decision.known or from_json(Verdict, decision.verdict))


def ratio_text(value: Decimal) -> str:
    """A ratio for the API: a decimal string with at least six decimals, "0" for nothing."""
    if not value:
        return "0"
    exponent = value.as_tuple().exponent
    return f"{value:.6f}" if isinstance(exponent, int) and exponent > -6 else f"{value:f}"
