"""The decision table as a grid: what each cell says, and where it differs from what rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.policies.models import GatePolicy, PolicyVersion
from changes.policies.queries.versions import ruling
from changes.policies.vocabulary import ANSWERS, COLUMNS, CONDITIONS, DECIDERS, NEEDS, ROWS, PolicyStatus
from itsm.accounts.models import User
from itsm.audit.recording import who_did

_MOST_OTHER = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What a cell says, in people's words but for the outcomes; `outcome` "" is a hole."""

    outcome: str
    needs: tuple[Any, ...]
    otherwise: str
    conditions: tuple[Any, ...]
    decider: Any


@dataclass(frozen=True, slots=True)
class CellShown:
    """One cell. `was`: what the ruling policy says, None where it is the same."""

    place: str
    says: Answer
    was: Answer | None
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row of the table with its cells in the order of COLUMNS."""

    label: Any
    cells: list[CellShown]


@dataclass(frozen=True, slots=True)
class Other:
    """A value outside the table that differs from what rules."""

    path: str
    was: str
    now: str


def ruling_content() -> Mapping[str, Any]:
    """The content of what rules now."""
    version = ruling()
    if version is None:
        return policy_to_json(default_policy())
    content: Mapping[str, Any] = PolicyVersion.objects.values_list("content", flat=True).get(pk=version.pk)
    return content


def grid(
    content: Mapping[str, Any],
    beside: Mapping[str, Any],
    outcomes: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> list[GridRow]:
    """The table of `content`, its differences to `beside` marked. `outcomes`: as they were sent and not kept, by place;
    `wrong`: why not."""
    outcomes, wrong = outcomes or {}, wrong or {}
    return [
        GridRow(
            label,
            [_cell(content, beside, f"{row}.{column}", row, column, outcomes, wrong) for column in COLUMNS],
        )
        for row, label in ROWS.items()
    ]


def _cell(
    content: Mapping[str, Any],
    beside: Mapping[str, Any],
    place: str,
    row: str,
    column: str,
    outcomes: Mapping[str, str],
    wrong: Mapping[str, str],
) -> CellShown:
    here, there = content["table"][row][column], beside["table"][row][column]
    outcome = outcomes.get(place, here["outcome"])
    differs = here != there or outcome != there["outcome"]
    return CellShown(
        place=place,
        says=_answer(here, outcome),
        was=_answer(there, there["outcome"]) if differs else None,
        wrong=wrong.get(place, ""),
    )


def _answer(cell: Mapping[str, Any], outcome: str) -> Answer:
    return Answer(
        outcome=outcome,
        needs=tuple(label for need, label in NEEDS.items() if need in cell["needs"]),
        otherwise=cell["otherwise"] or "",
        conditions=tuple(label for code, label in CONDITIONS.items() if code in cell["conditions"]),
        decider=next((label for who, label in DECIDERS.items() if who == cell["decider"]), ""),
    )


def others(content: Mapping[str, Any], beside: Mapping[str, Any]) -> list[Other]:
    """What differs outside the table and the number: at most 100 values."""
    here, there = dict(_flat(content)), dict(_flat(beside))
    paths = sorted(path for path in here.keys() | there.keys() if here.get(path) != there.get(path))
    return [Other(path, there.get(path, "–"), here.get(path, "–")) for path in paths][:_MOST_OTHER]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for place, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{place}]")
    elif isinstance(value, dict) and value:
        for name, inner in value.items():
            if path or name not in ("table", "version"):
                yield from _flat(inner, f"{path}.{name}" if path else name)
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def answer_choices() -> list[tuple[str, Any]]:
    """The outcomes for a select, the hole first."""
    return [("", "–"), *((one.value, label) for one, label in ANSWERS.items())]


def draft_of(policy: GatePolicy) -> bool:
    """Whether it may be edited as it stands."""
    return policy.status == PolicyStatus.DRAFT and policy.shadow_since is None


def is_lapsed(policy: GatePolicy, at: datetime) -> bool:
    """Whether its review date is over: where it rules, people decide about everything."""
    return date.fromisoformat(policy.content["review_on"]) < at.date()


def writers(policy: GatePolicy) -> list[User]:
    """Everybody who wrote a part of it, none of whom approves it; the author is the last of them."""
    wrote = who_did(policy, f"{policy.kind}.created", f"{policy.kind}.edited")
    known = wrote if policy.author_id is None else {*wrote, policy.author_id}
    return list(User.objects.filter(pk__in=known).order_by("username"))
