"""Shapes of the gate's answers to software agents: small, typed, with words of others apart from ours."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from changes.gate.vocabulary import Decider, Outcome
from itsm.agents.answers import Answer, Arguments, Quoted, Repeatable, Shape

# Arguments arrive as JSON: an instant is a text there.
Instant = Annotated[AwareDatetime, Field(strict=False)]
Slug = Annotated[str, Field(max_length=80)]
Reference = Annotated[str, Field(max_length=20)]
ChangeClassWord = Literal["standard", "normal", "emergency"]
CLASS_SAID = "standard: by the service's approved model, which needs fewer people; the gate holds it against that."
PurposeWord = Literal["feature", "reliability_fix", "security_fix", "rollback", "flag_off"]


class Reason(Shape):
    """One rule that spoke; the deciding one stands first."""

    code: str
    says: str = Field(description="[a name] in it stands for one that somebody chose; `why` with words tells it.")
    asks_for: Outcome | None = Field(default=None, description="The outcome this rule asks for; none: it informs.")


class Step(Shape):
    """One thing to do, and who does it."""

    code: str = Field(default="ask_again", description="What it is about; stable.")
    do: str
    who: Literal["you", "person", "time"]
    people: list[str] = Field(default_factory=list, description="User names of who may do it, the nearest first.")
    tool: str | None = Field(default=None, description="The tool to call for it.")
    arguments: dict[str, str | int | bool | dict[str, str]] = Field(
        default_factory=dict, description="Arguments of that tool, as they should be."
    )
    you_supply: list[str] = Field(default_factory=list, description="Further arguments that only you can word.")
    not_before: datetime | None = Field(default=None, description="It helps from then on.")
    where: str | None = Field(default=None, description="The page on which a person does it.")


class Way(Shape):
    """Steps that are needed together, and the outcome they lead to: found by really deciding again."""

    leads_to: Outcome | None = Field(description="None: only the gate can tell.")
    steps: list[Step]


class Decides(Shape):
    """Who decides when people must. A time-out never approves."""

    who: Decider
    team: str = Field(default="", description="Of a peer: the team whose people are asked first.")
    people: list[str] = Field(description="User names; whoever asked, and their owner, is never among them.")
    quorum: int
    by: datetime
    where: str | None = Field(default=None, description="The page on which they decide; none while nobody has asked.")


class Verdict(Answer):
    """What every answer of the gate holds."""

    allowed: bool = Field(description="True: it may go now.")
    outcome: Outcome | None = Field(description="None: it was never judged.")
    change_class: str = Field(default="", description="As the server derived it.")
    risk: str = ""
    enforced: bool = Field(default=True, description="False: the gate is in shadow here, recorded and not binding.")
    reasons: list[Reason] = Field(default_factory=list)
    ways: list[Way] = Field(default_factory=list, description="Smallest changes that lead to a kinder outcome.")
    decides: Decides | None = None
    conditions: list[str] = Field(default_factory=list)
    not_before: datetime | None = Field(default=None, description="When what is postponed is judged again.")
    dead_end: bool = Field(default=False, description="True: neither an act nor waiting leads to a kinder answer.")
    policy: str = ""
    evidence_hash: str = Field(default="", description="The same question has the same, through whichever door.")


class Probe(Arguments):
    """What `may_i_deploy` takes."""

    service: Slug = Field(description="The service's slug.")
    environment: str = Field(default="production", max_length=40)
    change_class: ChangeClassWord = Field(default="normal", description=CLASS_SAID)
    purpose: PurposeWord = "feature"


Long = Annotated[str, Field(max_length=20_000)]
Short = Annotated[str, Field(max_length=200)]


class Question(Repeatable):
    """What `ask_gate` takes. About a change that you have asked for already, name it by `change` and say only what is
    to be otherwise."""

    change: Reference | None = Field(default=None, description="A change of yours, such as CHG-00042, to ask again.")
    service: Slug | None = Field(default=None, description="The service's slug; needed for a new change.")
    environment: str | None = Field(default=None, max_length=40, description="production, where it is not said.")
    change_class: ChangeClassWord | None = Field(
        default=None, description=f"normal, where it is not said. {CLASS_SAID}"
    )
    purpose: PurposeWord | None = Field(default=None, description="feature, where it is not said.")
    summary: Short | None = Field(default=None, description="One line; needed for a new change.")
    plan: Long | None = None
    test_plan: Long | None = None
    backout: Long | None = Field(default=None, description="How to go back, step by step.")
    artifact_digest: Short | None = Field(default=None, description="sha256: and 64 hex digits of what is deployed.")
    artifact_version: Annotated[str, Field(max_length=100)] | None = None
    commit: Annotated[str, Field(max_length=64)] | None = None
    window_start: Instant | None = Field(default=None, description="With window_end: when it is to run.")
    window_end: Instant | None = None
    model: Slug | None = Field(default=None, description="A change model's slug.")
    migration: bool | None = Field(default=None, description="Whether it changes the schema.")
    tests_passed: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    tests_failed: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    incident: Reference | None = Field(default=None, description="Of an emergency: its open incident.")
    cve: Annotated[str, Field(max_length=30)] | None = Field(default=None, description="Of a security fix.")
    finding: Annotated[str, Field(max_length=100)] | None = Field(default=None, description="Of a security fix.")
    rollback_of: Short | None = Field(default=None, description="Of a rollback: the change that it undoes.")
    flag: Annotated[str, Field(max_length=100)] | None = None
    answers: dict[str, Annotated[str, Field(max_length=40)]] | None = Field(
        default=None, description="To what the policy asks: question -> answer, by their names."
    )
    repository: Short | None = Field(default=None, description="Where the code is, as change models name it.")
    workflow: Short | None = Field(default=None, description="What deploys it, as change models name it.")
    paths: Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=2_000)] | None = Field(
        default=None, description="What it changes, for the bounds of change models."
    )
    commits: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    run_id: Annotated[str, Field(max_length=100)] | None = None
    url: Annotated[str, Field(max_length=300)] | None = Field(default=None, description="Where the run is seen.")


class ProbeAnswer(Verdict):
    """What the gate would say now. Nothing is opened, kept or reserved."""

    service: str
    environment: str


class GateAnswer(Verdict):
    """The gate's answer about one change, as it stands."""

    change: str
    status: Literal["pending", "approved", "rejected", "expired", "cancelled", "error", "draft"] = Field(
        description="Of the answer, as it stands now; outcome is what was decided, which stays."
    )
    page: str = Field(description="Where people see and decide it.")
    decided_by: str = ""
    asked_at: datetime | None = None
    expires_at: datetime | None = None
    used_at: datetime | None = None


class Asked(Shape):
    """What the policy asks about a change, with the answers that count."""

    name: str
    answers: list[str]
    text: Quoted | None = Field(default=None, description="As the policy words it, where words were asked for.")
