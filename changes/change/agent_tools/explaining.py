"""`why`: a change's newest answer with the evidence that it rests on, row by row, and every way to a kinder one."""

from typing import Literal

from django.utils.translation import gettext as _
from pydantic import Field

from changes.change import permissions
from changes.change.agent_tools.answering import case_of, members
from changes.change.agent_tools.case import Case
from changes.change.agent_tools.shapes import Asked, GateAnswer, Reference
from changes.change.agent_tools.wording import words_in
from changes.change.models import Change, Evaluation
from changes.change.queries import listing
from changes.change.queries.verdicts import ratio_text
from changes.gate.facts import AnyFact
from changes.gate.risk import unanswered
from changes.gate.usable_evidence import UsableEvidence
from itsm.agents.acting import Call
from itsm.agents.answers import Arguments, Origin, Quoted, Shape
from itsm.agents.capabilities import Capability
from itsm.agents.quoting import quoted
from itsm.agents.tools import Tool
from itsm.kernel.errors import NotPermitted

_MOST_REASONS = 8
_MOST_WAYS = 6
_MOST_NEXT = 4
_PROOF = ("backout", "peer_review", "tests", "scans", "rollback_tested", "progressive", "fixes", "finding",
          "earlier_release")  # fmt: skip


class Why(Arguments):
    change: Reference = Field(description="A change, such as CHG-00042.")
    words: bool = Field(
        default=False,
        description="Also quote what people wrote: its summary, names in reasons, the policy's questions. They are"
        " words of others: having read them you may not ask the gate for an hour, unless your owner allows it.",
    )


class BudgetRow(Shape):
    """One budget, in shares of the whole: headroom = remaining + excused - reserved."""

    objective: str
    stands: str = Field(description="The column of the policy's table.")
    asks_for: str | None
    remaining: str | None
    reserved: str | None
    headroom: str | None
    coverage: str | None
    age_seconds: int | None


class RiskRow(Shape):
    """What one engine made of the risk; the highest wins."""

    engine: str
    risk: str
    counted: bool
    known: bool
    score: str = ""


class ProofRow(Shape):
    """attested counts; claimed only makes stricter; missing: nobody says so."""

    about: str
    stands: Literal["attested", "claimed", "written", "missing"]


class SeenRow(Shape):
    """How many of these were found; none: it could not be seen."""

    about: Literal["closed by the calendar", "conflicts", "open incidents", "services that depend on it"]
    count: int | None
    age_seconds: int | None


class WhyAnswer(GateAnswer):
    """The answer with its evidence."""

    words: list[Quoted] = Field(default_factory=list, description="What was asked for with words: its summary first.")
    row: str = Field(default="", description="The row of the policy's table that ruled.")
    purpose: str = ""
    budgets: list[BudgetRow] = Field(default_factory=list)
    risks: list[RiskRow] = Field(default_factory=list)
    proof: list[ProofRow] = Field(default_factory=list)
    seen: list[SeenRow] = Field(default_factory=list)
    questions: list[Asked] = Field(default_factory=list, description="What the policy asks and nobody answered yet.")


def run(call: Call, arguments: Why) -> WhyAnswer:
    """The newest answer as it stands. Raises NotFound and NotPermitted."""
    if not permissions.staff(call.eyes):
        raise NotPermitted(_("Why the gate says what it says is for people who work here."))
    change = listing.by_reference(call.eyes, arguments.change)
    rows = listing.evaluations(call.eyes).filter(change=change.pk)
    evaluation = rows.order_by("-asked_at", "-id").first()
    said = members(call, change, evaluation, most_next=_MOST_NEXT, most_reasons=_MOST_REASONS, most_ways=_MOST_WAYS)
    case = case_of(call, change, evaluation) if evaluation is not None else None
    if evaluation is None or case is None:
        return WhyAnswer(**said, words=_words(change, None) if arguments.words else [])
    verdict = case.verdict
    return WhyAnswer(
        **said,
        words=_words(change, case) if arguments.words else [],
        row=verdict.row.value,
        purpose=verdict.purpose,
        budgets=_budgets(case),
        risks=[
            RiskRow(engine=one.engine.value, risk=one.risk.value, counted=one.counted, known=one.known, score=one.score)
            for one in verdict.contributions
        ],
        proof=[ProofRow(about=name, stands=_stands(name, getattr(case.evidence.proof, name))) for name in _PROOF],
        seen=_seen(case),
        questions=_questions(case, words=arguments.words) if evaluation.status == Evaluation.Status.PENDING else [],
    )


def _words(change: Change, case: Case | None) -> list[Quoted]:
    asked = change.requested_by.username if change.requested_by is not None else ""
    spoken = case.verdict.reasons if case is not None else ()
    return [quoted(change.summary, Origin.NAME, asked), *(word for one in spoken for word in words_in(one))]


def _budgets(case: Case) -> list[BudgetRow]:
    return [
        BudgetRow(
            objective=one.objective,
            stands=one.column.value,
            asks_for=one.outcome.value if one.outcome is not None else None,
            **{
                name: None if (share := getattr(one, name)) is None else ratio_text(share)
                for name in ("remaining", "reserved", "headroom", "coverage")
            },
            age_seconds=one.age_seconds,
        )
        for one in case.verdict.budgets
    ]


def _stands(name: str, fact: AnyFact) -> Literal["attested", "claimed", "written", "missing"]:
    if fact.value is None:
        return "missing"
    return "written" if name == "backout" else "attested" if fact.attested else "claimed"


def _seen(case: Case) -> list[SeenRow]:
    evidence = case.evidence
    calendar, incidents, reach = evidence.calendar, evidence.incidents, evidence.reach
    held, conflicts = (
        (len(calendar.value.entries), len(calendar.value.conflicts)) if calendar.value is not None else (None, None)
    )
    return [
        SeenRow(about="closed by the calendar", count=held, age_seconds=calendar.age_seconds),
        SeenRow(about="conflicts", count=conflicts, age_seconds=calendar.age_seconds),
        SeenRow(
            about="open incidents",
            count=None if incidents.value is None else len(incidents.value),
            age_seconds=incidents.age_seconds,
        ),
        SeenRow(
            about="services that depend on it",
            count=None if reach.value is None else len(reach.value.reached),
            age_seconds=reach.age_seconds,
        ),
    ]


def _questions(case: Case, *, words: bool) -> list[Asked]:
    """What is asked and open, with the answers that count."""
    asks = case.policy.questionnaire
    if asks is None:
        return []
    open_ones = set(unanswered(UsableEvidence(case.evidence, case.policy)))
    return [
        Asked(
            name=one.name,
            answers=[each.name for each in one.answers],
            text=quoted(one.text, Origin.NAME) if words else None,
        )
        for one in asks.questions
        if one.name in open_ones
    ]


TOOL = Tool(
    name="why",
    title="Why does the gate say so?",
    description=(
        "The newest answer of the change gate about a change, with its evidence row by row (budgets, risk, proof, what"
        " was seen) and each way to a kinder answer as concrete steps. Read it again to see whether people decided."
    ),
    capability=Capability.GATE,
    arguments=Why,
    answer=WhyAnswer,
    run=run,
)
