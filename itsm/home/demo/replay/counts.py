"""What the gate's answers to all releases come to: how many of which, why, and what would have slipped."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from itsm.home.demo.replay.releasing import Answer

_AT_ONCE = ("approved", "exception")
_MEANS = {
    "approved": "approved at once",
    "exception": "exception, proven",
    "peer": "sent to one person",
    "cab": "sent to the board",
    "postponed": "postponed",
    "blocked": "blocked",
}


def tally(answers: Sequence[Answer]) -> dict[str, Any]:
    """The counts as one object for machines."""
    outcomes = Counter(answer.outcome for answer in answers)
    return {
        "releases": len(answers),
        "approved_at_once": sum(outcomes[outcome] for outcome in _AT_ONCE),
        "sent_to_people": outcomes["peer"] + outcomes["cab"],
        "postponed": outcomes["postponed"],
        "blocked": outcomes["blocked"],
        "deployed": sum(answer.deployed for answer in answers),
        "why": {outcome: dict(_deciding(answers, outcome).most_common()) for outcome in _MEANS if outcomes[outcome]},
        "had_to_be_fixed": sum(answer.release.hurt for answer in answers),
        "slipped": [answer.release.version for answer in answers if answer.release.hurt and answer.outcome in _AT_ONCE],
    }


def table(answers: Sequence[Answer]) -> Iterator[str]:
    """The same for people: one block per answer, each reason that asked for that answer with its count."""
    yield f"{'answer':<22}{'releases':>9}{'fixed soon after':>18}   why (a release may have several reasons)"
    for outcome, words in _MEANS.items():
        mine = [answer for answer in answers if answer.outcome == outcome]
        if not mine:
            continue
        reasons = [f"{code} {count}" for code, count in _deciding(answers, outcome).most_common()]
        yield f"{words:<22}{len(mine):>9}{sum(a.release.hurt for a in mine):>18}   {', '.join(reasons)}"


def _deciding(answers: Sequence[Answer], outcome: str) -> Counter[str]:
    """How often each reason asked for what was answered in the end."""
    return Counter(
        code
        for answer in answers
        if answer.outcome == outcome
        for code in {reason["code"] for reason in answer.said["reasons"] if reason["asks_for"] == outcome}
    )
