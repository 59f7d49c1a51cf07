"""The verdict: the answer, who has authority, every rule that spoke, and what would give a more lenient answer.

Promise: everything a page, a pipeline or an auditor shows about a decision is in here; nothing has to be worked out
again. Sentences are not stored: each reason, help and condition has a stable `code` and named `values` (strings,
ratios as decimals of 1), and changes.gate.sentences turns them into words in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from changes.gate.canonical import LATER
from changes.gate.steps import StepBefore
from changes.gate.vocabulary import Column, ConditionCode, Decider, Engine, Outcome, Risk, Row, Status

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Authority:
    """Who decides when people must. excluded: principals who may not. due_at: of who is asked first; a time-out never
    approves. before: steps that approve before they are asked, each with as long; None: nobody is.

    role: the policy's name for them; team: the owner team of the deciding service ("" = none known);
    substitute: who stands in on duty; quorum: distinct approvers needed, at least 1.
    """

    decider: Decider
    role: str
    team: str
    quorum: int
    substitute: str
    excluded: tuple[str, ...]
    due_at: datetime
    before: tuple[StepBefore, ...] | None = field(default=None, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that comes with the answer; `values` may hold service, team, body, due_at."""

    code: ConditionCode
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that spoke. outcome: what this rule alone asks for (None: it only informs).

    observed, limit, margin: decimal strings or words, "" where there is none; margin = observed - limit.
    age_seconds: age of what was observed, None where it has none.
    """

    code: str
    outcome: Outcome | None = None
    values: Values = field(default_factory=dict)
    observed: str = ""
    limit: str = ""
    margin: str = ""
    source: str = ""
    age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class HelpStep:
    """One change of input, as part of a help that needs several together."""

    code: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Help:
    """A smallest change of input and the answer it would lead to (found by really deciding again).

    code "all_of": every one of `parts` is needed together, and each of them really is.
    """

    code: str
    outcome: Outcome
    values: Values = field(default_factory=dict)
    parts: tuple[HelpStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one engine said of the risk. score and its limits as decimal strings; counted: did it take part?

    known is False where the engine could not see; it then counts as the policy's unknown_risk.
    """

    engine: Engine
    risk: Risk
    counted: bool
    known: bool
    score: str = ""
    medium_from: str = ""
    high_from: str = ""
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JudgedBudget:
    """One objective (or a service without any: objective "") with its arithmetic, for "why?".

    headroom = remaining + excused - reserved. column: where it stands in the table; outcome: what the cell says
    (None: it does not decide, as a new objective beside measured ones).
    level: by headroom with hysteresis; stored_level: what it was before.
    """

    service: str
    objective: str
    column: Column
    outcome: Outcome | None
    remaining: Decimal | None = None
    reserved: Decimal | None = None
    excused: Decimal | None = None
    headroom: Decimal | None = None
    level: str = ""
    stored_level: str = ""
    flags: tuple[str, ...] = ()
    coverage: Decimal | None = None
    objective_version: int | None = None
    source: str = ""
    age_seconds: int | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision. `status` is what a pipeline reads at once; `enforced` False means shadow: recorded, not binding.

    row: the table row that ruled; change_class, purpose: as derived and proven, not as claimed.
    reserved: objective slug -> ratio of the budget to hold (only for `approved`).
    not_before, deadline: for `postponed`; deadline = not_before + 24 h. expires_at: for approved and exception.
    draws: reference of each allowance that an approval draws on -> ratio of the dearest budget; None where none is.
    evidence_hash: SHA-256 over canonical evidence and policy hash (canonical.fingerprint).
    """

    outcome: Outcome
    status: Status
    enforced: bool
    row: Row
    change_class: str
    purpose: str
    risk: Risk
    decided_at: datetime
    policy_slug: str
    policy_version: int
    policy_hash: str
    evidence_hash: str
    authority: Authority | None = None
    conditions: tuple[Condition, ...] = ()
    reasons: tuple[Reason, ...] = ()
    what_would_help: tuple[Help, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    budgets: tuple[JudgedBudget, ...] = ()
    reserved: Mapping[str, Decimal] = field(default_factory=dict)
    not_before: datetime | None = None
    deadline: datetime | None = None
    expires_at: datetime | None = None
    draws: Mapping[str, Decimal] | None = field(default=None, metadata={LATER: True})
