"""What software agents use to propose, and to see what became of it."""

from typing import Any

from pydantic import Field, create_model

from incidents.incident.models import Incident
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments, Origin, Quoted, Repeatable, Shape
from itsm.agents.capabilities import Capability
from itsm.agents.quoting import quoted
from itsm.agents.tools import Tool, register
from itsm.kernel.errors import InvalidInput
from itsm.notifications.web_addresses import our_address
from itsm.proposals import kinds, operations
from itsm.proposals.models import LONGEST_REASON, Proposal, ProposalPart
from itsm.proposals.queries import as_kept, visible_to
from itsm.work.linkable import prefix_of

_NEWEST = 20
_ASK_LATER = "People decide it. Ask my_proposals later what became of it."


class Proposed(Answer):
    """What waits for a person now."""

    id: int
    about: str = Field(description="Reference of the record.")
    kind: str
    state: str
    waits_until: str = Field(description="When it is closed where nobody decided.")
    url: str


class PartTold(Shape):
    """One field of a proposal. `state`: waiting, accepted, edited, dismissed, overtaken."""

    field: str
    state: str
    why: Quoted | None = Field(None, description="Why it was dismissed, or what overtook it.")


class ProposalTold(Shape):
    id: int
    about: str
    kind: str
    state: str
    proposed_at: str
    parts: list[PartTold]


class MyProposals(Answer):
    proposals: list[ProposalTold] = Field(description="The newest first, at most 20.")
    waiting: int = Field(description="How many wait for people.")


class Mine(Arguments):
    reference: str | None = Field(None, max_length=20, description="Of one record alone, such as INC-00042.")


class Withdrawing(Repeatable):
    id: int = Field(description="The number of a proposal of yours that waits.")


def propose(call: Call, arguments: Any) -> Proposed:
    """Keep it for people. Raises what `operations.propose` raises."""
    said = {one.name: getattr(arguments, one.name) for one in kinds.every()}
    meant = {name: body for name, body in said.items() if body is not None}
    if len(meant) != 1:
        raise InvalidInput(f"Say exactly one of: {', '.join(said)}.")
    [(name, body)] = meant.items()
    made = operations.propose(
        actor=call.actor, eyes=call.eyes, at=call.at, kind=name, reference=arguments.reference,
        body=body.model_dump(exclude_unset=True), reason=arguments.reason, source=arguments.source,
    )  # fmt: skip
    return _told(made, [_ASK_LATER])


def stands(call: Call, first: Proposed) -> Proposed:
    """What was proposed, or withdrawn, with this key before, as it stands now."""
    made = Proposal.objects.filter(pk=first.id, agent=call.agent.account_id).first()
    if made is None:
        return first
    return _told(made, [_ASK_LATER] if made.state == Proposal.State.WAITING else [])


def my_proposals(call: Call, arguments: Mine) -> MyProposals:
    """What became of this agent's proposals; in words only while its owner reads the record. Raises nothing."""
    rows = Proposal.objects.filter(agent=call.agent.account_id)
    waiting = rows.filter(state=Proposal.State.WAITING).count()
    if arguments.reference is not None:
        rows = rows.filter(about__in=as_kept(arguments.reference))
    found = list(rows.order_by("-id").prefetch_related("parts__decided_by")[:_NEWEST])
    read = set(visible_to(call.eyes).filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))
    told = [
        ProposalTold(
            id=one.pk, about=one.about, kind=one.sort, state=one.state, proposed_at=one.at.isoformat(),
            parts=[_part(each, told=one.pk in read) for each in one.parts.all()],
        )
        for one in found
    ]  # fmt: skip
    return MyProposals(proposals=told, waiting=waiting, next=[] if told else ["Propose something with propose."])


def withdraw(call: Call, arguments: Withdrawing) -> Proposed:
    """Take one's own back. Raises NotFound and WrongState."""
    return _told(operations.withdraw(Proposal(pk=arguments.id), actor=call.actor), [])


def _told(made: Proposal, then: list[str]) -> Proposed:
    return Proposed(
        id=made.pk, about=made.about, kind=made.sort, state=made.state, waits_until=made.closes_at.isoformat(),
        url=our_address(made.get_absolute_url()), next=then,
    )  # fmt: skip


def _part(one: ProposalPart, *, told: bool) -> PartTold:
    """`told`: whether the owner may read what overtook it, which says how the record stands, or why it is dismissed."""
    by = str(one.decided_by) if one.decided_by is not None else ""
    return PartTold(
        field=one.field, state=one.state, why=quoted(one.why, Origin.NOTE, by) if told and one.why else None
    )


def _arguments() -> type[Arguments]:
    """One member for each kind; exactly one is said."""
    bodies: dict[str, Any] = {
        one.name: (one.body | None, Field(None, description=one.description)) for one in kinds.every()
    }
    return create_model(
        "Propose",
        __base__=Repeatable,
        __doc__="What is proposed about a record, why, and where that was read. Exactly one kind is said.",
        reference=(str, Field(max_length=20, description=f"Such as {prefix_of(Incident.kind)}-00042.")),
        reason=(str, Field(max_length=LONGEST_REASON, description="Why, in a sentence; people read it first.")),
        source=(str, Field("", max_length=LONGEST_REASON, description="Where it was read: a reference, a quotation.")),
        **bodies,
    )


def register_all() -> None:
    """Called once, in `ready()`, after the kinds were declared."""
    register(
        Tool(
            "propose", "Propose a change",
            "Propose a change to a record: fields, a reply, a link, a known error, a duplicate, a problem, an article, "
            "a line of a postmortem's timeline. Nothing is written before a person accepted it.",
            Capability.DESK_PROPOSE, _arguments(), Proposed, propose, writes=True, again=stands,
        )
    )  # fmt: skip
    register(
        Tool(
            "my_proposals", "What became of my proposals",
            "What people made of your proposals: accepted, edited, dismissed and why, overtaken, or still waiting.",
            Capability.DESK_PROPOSE, Mine, MyProposals, my_proposals,
        )
    )  # fmt: skip
    register(
        Tool(
            "withdraw_proposal", "Withdraw a proposal", "Take back a proposal of yours that waits.",
            Capability.DESK_PROPOSE, Withdrawing, Proposed, withdraw, writes=True, again=stands,
        )
    )  # fmt: skip
