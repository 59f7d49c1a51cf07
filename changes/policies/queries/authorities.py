"""Who decides under a policy, in words: each authority, and the steps that approve before it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from changes.gate.steps import AskedFirst
from changes.gate.vocabulary import Decider
from changes.policies.vocabulary import ASKED_FIRST, DECIDERS


@dataclass(frozen=True, slots=True)
class AuthorityShown:
    """`differs`: from what rules now. `before`: the steps, each a phrase."""

    decider: str
    label: Any
    role: str
    quorum: int
    due_hours: str
    before: Sequence[str]
    differs: bool


def authorities(content: Mapping[str, Any], beside: Mapping[str, Any]) -> list[AuthorityShown]:
    """Of a policy's `content`, differences to `beside` marked."""
    shown = []
    for decider in Decider:
        rule = content["authorities"][decider.value]
        shown.append(
            AuthorityShown(
                decider.value, DECIDERS[decider], rule["role"], rule["quorum"], f"{rule['due_minutes'] / 60:g}",
                [step_in_words(step) for step in rule.get("before") or ()],
                rule != beside["authorities"].get(decider.value),
            )
        )  # fmt: skip
    return shown


def step_in_words(step: Mapping[str, Any]) -> str:
    """One step as people read it: "a team lead and the role owner (50% of them)"."""
    parts = [_part(one) for one in step["parts"]]
    word = gettext("or") if step.get("rule") == "any" else gettext("and")
    return f" {word} ".join(parts)


def _part(part: Mapping[str, str]) -> str:
    said = f"{ASKED_FIRST[AskedFirst(part['who'])]} {part.get('value', '')}".strip()
    quorum = part.get("quorum", "any")
    if quorum == "any":
        return said
    much = gettext("all of them") if quorum == "all" else gettext("%(much)s of them") % {"much": quorum}
    return f"{said} ({much})"
