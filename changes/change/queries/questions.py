"""What was answered about a change, and what is asked about it now."""

from dataclasses import dataclass
from typing import Any

from catalog.environments.queries import is_production
from changes.change.models import Change
from changes.change.vocabulary import ChangeClass
from changes.gate.questionnaire import Question
from changes.policies.queries import in_force


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is asked now; `answer` is "" where it is open."""

    question: Question
    answer: str


def answers_of(change: Change) -> dict[str, str]:
    """The answers that its newest request gave; empty before the first one."""
    newest = change.evaluations.order_by("-asked_at", "-id").values_list("claims", flat=True).first()
    told: dict[str, Any] = newest or {}
    return dict(told.get("answers") or {})


def questions_of(change: Change) -> tuple[str, list[Asked]]:
    """The version of the policy that asks, and its questions in order; nothing of a standard change."""
    policy, answers = in_force(), answers_of(change)
    if policy.questionnaire is None or change.change_class == ChangeClass.STANDARD:
        return f"{policy.slug} v{policy.version}", []
    asked = policy.questionnaire.asked(answers, in_production=is_production(change.environment))
    return f"{policy.slug} v{policy.version}", [Asked(one, answers.get(one.name, "")) for one in asked]
