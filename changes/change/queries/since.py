"""What is different now from what somebody knew: the gate when it judged, people when they approved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from changes.change.models import Change, Decision, Evaluation
from changes.change.queries.evidence import gather
from changes.gate.canonical import from_json, to_json
from changes.gate.decide import decide
from changes.gate.decisive import Decisive, News, decisive, news_between, seen_mark
from changes.gate.evidence import Evidence
from changes.gate.sentences import news_sentence
from changes.gate.verdict import Verdict
from changes.policies import queries as policies


@dataclass(frozen=True, slots=True)
class Since:
    """`looked_at`: when they knew what is compared. `answer`: what the gate would say now, of what waits for it."""

    looked_at: datetime
    news: tuple[News, ...]
    answer: Verdict | None

    @property
    def worse(self) -> list[str]:
        """Sentences about what is worse than what was known."""
        return said(each for each in self.news if each.worse)

    @property
    def other(self) -> list[str]:
        """Sentences about what is new and no worse."""
        return said(each for each in self.news if not each.worse)

    @property
    def mark(self) -> str:
        """What an approver sends along to show that they saw this."""
        return seen_mark(self.news)


def said(news: Iterable[News]) -> list[str]:
    """One sentence in the reader's language for each piece of news."""
    return [news_sentence(each, gettext) for each in news]


def as_of(evaluation: Evaluation, change: Change, at: datetime) -> tuple[Decisive, Evidence]:
    """What decides, at this instant. Reads only."""
    policy = policies.in_force()
    evaluation.change = change
    evidence = gather(evaluation, at)
    return decisive(evidence, policy), evidence


def known_to_gate(decision: Decision) -> Decisive:
    """What the gate knew when it judged."""
    return decisive(from_json(Evidence, decision.evidence), policies.parsed(decision.policy_id))


def known_to_people(evaluation: Evaluation) -> Decisive | None:
    """What those who approved knew; None where nobody did."""
    return from_json(Decisive, evaluation.known) if evaluation.known is not None else None


def stored(news: Iterable[News]) -> list[Any]:
    """The news as plain JSON values."""
    return [to_json(each) for each in news]


def held_because(evaluation: Evaluation, at: datetime) -> list[str]:
    """What has become worse since people approved it, as it was found at the last start; they are asked again."""
    return said(from_json(News, each) for each in evaluation.held or []) if evaluation.is_unused(at) else []


def since(evaluation: Evaluation, change: Change, at: datetime) -> Since | None:
    """For what waits, or was approved by people and is unused: what has changed since they looked."""
    decision = evaluation.decision
    if decision is None:
        return None
    if evaluation.status == Evaluation.Status.PENDING:
        now, evidence = as_of(evaluation, change, at)
        answer = decide(evidence, policies.in_force(), what_would_help=False)
        return Since(decision.decided_at, news_between(known_to_gate(decision), now), answer)
    known = known_to_people(evaluation)
    if evaluation.is_unused(at) and known is not None:
        now, _evidence = as_of(evaluation, change, at)
        return Since(evaluation.known_at or decision.decided_at, news_between(known, now), None)
    return None
