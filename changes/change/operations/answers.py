"""Answers to the policy's questionnaire, as a request says them: held against what is asked now."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from catalog.environments.queries import is_production
from changes.gate.questionnaire import Question, Questionnaire
from changes.policies.queries import in_force
from itsm.kernel.errors import InvalidInput


def answered(answers: Mapping[str, str], environment: str) -> dict[str, Any]:
    """What the evaluation keeps: the answers, and the policy version that asked; nothing where nothing was answered.

    A question left open is no error: the gate sees it, and people decide. Raises InvalidInput for what is not asked.
    """
    if not answers:
        return {}
    policy = in_force()
    if policy.questionnaire is None:
        raise InvalidInput.about("answers", gettext("The policy that rules now asks no questions."))
    errors = _wrong(policy.questionnaire, answers, in_production=is_production(environment))
    if errors:
        raise InvalidInput(gettext("These answers do not fit what is asked."), errors)
    return {"answers": dict(answers), "answered": f"{policy.slug} v{policy.version}"}


def _wrong(asks: Questionnaire, answers: Mapping[str, str], *, in_production: bool) -> dict[str, list[str]]:
    """A sentence for each answer that does not fit, by its field."""
    asked = {one.name: one for one in asks.asked(answers, in_production=in_production)}
    return {
        f"answers.{name[:40]}": [said]
        for name, answer in answers.items()
        if (said := _sentence(asks, asked.get(name), name, answer))
    }


def _sentence(asks: Questionnaire, question: Question | None, name: str, answer: str) -> str:
    if question is not None:
        one_of = ", ".join(each.name for each in question.answers)
        fits = question.weight_of(answer) is not None
        return "" if fits else gettext("Answer with one of %(answers)s.") % {"answers": one_of}
    if any(one.name == name for one in asks.questions):
        return gettext("With these answers this is not asked.")
    return gettext("There is no such question.")
