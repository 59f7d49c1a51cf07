"""Two software agents of Larkspur: one delivers on an allowance of its own, one proposes triage that people decide."""
# ruff: noqa: E501 -- texts are read in lines

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from changes.allowances import operations as allowances
from changes.change.operations import deploying
from changes.change.queries import listing
from changes.change.vocabulary import OutcomeCode
from changes.change.workflow import Status
from incidents.incident.queries import listed
from itsm.agents import operations
from itsm.agents.acting import call_of
from itsm.agents.calling import call
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.audit.recording import telling_of
from itsm.home.demo.clockwork import Life
from itsm.home.demo.founding import Company
from itsm.proposals import operations as proposals
from itsm.proposals.models import Proposal

_SERVICE = "storefront"
_MINUTE = timedelta(minutes=1)


class Proposed(NamedTuple):
    """What the triage helper proposes of the open incident of this title; `accepted`: a person took it up."""

    title: str
    kind: str
    body: Mapping[str, Any]
    reason: str
    source: str = ""
    accepted: bool = False


# fmt: off
PROPOSED = (
    Proposed("My order confirmation never came", "fields", {"urgency": 2, "add_labels": ["order-mail"]},
             "The caller waits for an order; two more asked the same this month.", accepted=True),
    Proposed("Printer on floor 3 prints blank pages", "reply",
             {"text": "A new drum is ordered. Somebody fits it and looks at the left edge; until then the printer on floor 2 prints for you."},
             "The caller says that the left edge is pale; a drum was ordered.", "the caller's last words"),
    Proposed("Three products without a picture", "fields", {"assigned_to": "engineer", "add_labels": ["pictures"]},
             "Pictures belong to Storefront; Ada Ferrer closed the last one of this kind."),
    Proposed("Three products without a picture", "problem",
             {"statement": "Products go online without a picture"},
             "The third incident about pictures in ten weeks.", "Picture of the blue mug is green"),
    Proposed("Some company orders lack the tax number", "fields", {"urgency": 1},
             "Invoices without a tax number are sent back by companies."),
)
# fmt: on


def of_delivery(company: Company, founded: datetime) -> Life:
    """An engineer's agent: it looks, asks, ships on its share of the service's headroom, and is led to people."""
    at = yield founded - timedelta(hours=50)
    agent = operations.connect(
        actor=company.actors["engineer"], name="Coding agent", purpose="Opens pull requests of the shop and ships them",
        capabilities=[Capability.GATE, Capability.DESK_READ, Capability.CATALOG_READ], at=at,
    )  # fmt: skip
    at = yield at + 30 * _MINUTE
    allowances.give(
        actor=company.actors["owner"], service=company.services[_SERVICE], share=Decimal("0.2"), at=at,
        agent=agent.account, reason="A fifth of the headroom to begin with.",
    )  # fmt: skip
    at = yield founded - timedelta(hours=4, minutes=30)
    _ask(agent, "may_i_deploy", {"service": "search", "change_class": "standard"}, at)
    shipped = _ship(agent, "75.0", "Storefront 75.0: remember the last basket", at)
    at = yield at + 3 * _MINUTE
    run = _ask(agent, "report_result", {"change": shipped, "status": "started", "artifact_digest": _digest("75.0")}, at)
    at = yield at + 6 * _MINUTE
    if run:
        _ask(agent, "report_result", {"change": shipped, "status": "succeeded"}, at)
    at = yield at + timedelta(minutes=50)
    if run:
        _close(shipped, company)
    at = yield founded - 12 * _MINUTE
    _ask(agent, "free_slots", {"service": "search"}, at)
    _ship(agent, "75.1", "Storefront 75.1: larger pictures of products", at + _MINUTE)


def _ship(agent: Agent, version: str, summary: str, at: datetime) -> str:
    """Ask for a standard change; the change's number, "" where nothing was opened."""
    asked = _ask(
        agent, "ask_gate",
        {
            "service": _SERVICE, "summary": summary, "change_class": "standard", "artifact_version": version,
            "artifact_digest": _digest(version),
        },
        at,
    )  # fmt: skip
    return str(asked.get("change", ""))


def _close(number: str, company: Company) -> None:
    """A person says how it went; an agent may not."""
    manager = company.actors["manager"]
    change = listing.by_reference(manager, number)
    if change.status == Status.REVIEWING:
        deploying.close(change, actor=manager, outcome_code=OutcomeCode.SUCCESSFUL, note="Went as planned.")


def triage(company: Company, at: datetime) -> int:
    """The first line's agent read what is open, and proposes. Returns how many proposals there are."""
    since, remy = at - timedelta(days=6), company.actors["agent"]
    with telling_of(since):
        agent = operations.connect(
            actor=remy, name="Triage helper", purpose="Reads what came in, and proposes where it belongs",
            capabilities=[Capability.DESK_READ, Capability.DESK_PROPOSE], at=since,
        )  # fmt: skip
    made = 0
    for place, one in enumerate(PROPOSED):
        found = listed(remy).filter(title=one.title).order_by("-id").first()
        if found is None:
            continue
        then = at - timedelta(minutes=9 - place)
        _ask(agent, "read_incident", {"reference": found.reference}, then)
        said = {"reference": found.reference, "reason": one.reason, "source": one.source, one.kind: dict(one.body)}
        kept = _ask(agent, "propose", said, then + _MINUTE)
        made += bool(kept)
        if kept and one.accepted:
            with telling_of(then + 2 * _MINUTE):
                proposals.accept(Proposal.objects.get(pk=kept["id"]), actor=remy, at=then + 2 * _MINUTE)
    return made


def _ask(agent: Agent, tool: str, arguments: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The tool's answer, as its program would get it; {} where it was refused."""
    fresh = Agent.objects.select_related("account__owner").get(pk=agent.pk)
    owner = fresh.account.owner
    if owner is None:
        return {}
    with telling_of(at):
        told = call(call_of(fresh, owner, frozenset(fresh.capabilities), at=at), tool, arguments)
    return told.answer.model_dump() if told.answer is not None else {}


def _digest(version: str) -> str:
    return f"sha256:{hashlib.sha256(f'{_SERVICE} {version} of an agent'.encode()).hexdigest()}"
