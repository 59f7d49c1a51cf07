"""Major incidents of Larkspur: some long concluded, one that runs. It is of no service: it holds no change."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from incidents.incident import operations as incidents
from incidents.major import operations
from itsm.audit.recording import telling_of
from itsm.home.demo.founding import Company

if TYPE_CHECKING:
    from incidents.models import Incident, Major

_MINUTE = timedelta(minutes=1)
_SEVERITY_OF_GRAVE, _SEVERITY_OF_TILLS = 1, 3


def led(incident: "Incident", company: Company, at: datetime) -> "Major":
    """A grave one of the past, accepted as work began, led by the agent."""
    manager = company.actors["manager"]
    with telling_of(at):
        found = operations.propose_incident(incident, actor=company.actors["agent"], reason="Nobody can order.", at=at)
        return operations.accept(
            found, actor=manager, severity=_SEVERITY_OF_GRAVE, commander=company.people["agent"].username,
            impact="Nobody can order; baskets are kept.", at=at,
        )  # fmt: skip


def concluded(major: "Major", company: Company, at: datetime) -> "Major":
    """Once its postmortem is published."""
    with telling_of(at):
        return operations.conclude(major, actor=company.actors["manager"])


def tell(company: Company, at: datetime) -> int:
    """The one that runs: what happened in its room since this noon. How many."""
    agent, manager = company.actors["agent"], company.actors["manager"]
    begun = at - 95 * _MINUTE
    with telling_of(begun):
        incident = incidents.open_incident(
            actor=agent, title="Tills in the Leiden shop do not start", priority=2, at=begun,
            description="Six of eight tills stay at the sign-in page since they were switched on.",
        )  # fmt: skip
        found = operations.propose_incident(incident, actor=agent, reason="The shop sells by hand.", at=begun)
    with telling_of(begun + 6 * _MINUTE):
        incidents.acknowledge(incident, actor=agent, at=begun + 6 * _MINUTE)
        room = operations.accept(
            found, actor=manager, severity=_SEVERITY_OF_TILLS, commander=company.people["agent"].username,
            impact="One shop sells by hand; online orders are not touched.", at=begun + 6 * _MINUTE,
        )  # fmt: skip
        room = operations.edit(
            room, actor=agent, version=room.version, scribe=company.people["builder"],
            bridge="https://meet.larkspur.example/tills", cadence=1440,
        )  # fmt: skip
        operations.add_stakeholder(
            room, actor=agent, person=company.people["owner"], why="answers for the shops", at=begun + 7 * _MINUTE
        )
        operations.add_task(
            room, actor=manager, title="Try an older image on till 3", assigned_to=company.people["agent"]
        )
    _worked_on(room, company, begun)
    return 1


def _worked_on(room: "Major", company: Company, begun: datetime) -> None:
    agent = company.actors["agent"]
    with telling_of(begun + 20 * _MINUTE):
        incidents.note(room.incident, actor=agent, text="The image of last night lacks the certificate of the shop.")
        operations.inform(
            room, actor=agent, text="We know why the tills do not start and try the older image on one of them.",
            at=begun + 20 * _MINUTE,
        )  # fmt: skip
        operations.add_moment(
            room, actor=agent, text="The tills were given the image of last night", at=begun - 9 * 60 * _MINUTE,
            now=begun + 21 * _MINUTE,
        )  # fmt: skip
    with telling_of(begun + 50 * _MINUTE):
        operations.mitigate(room, actor=agent, at=begun + 50 * _MINUTE)
