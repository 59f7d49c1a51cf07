"""How Larkspur's desk is set up: teams as queues, one of them confidential, and conversations under way."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from incidents.incident import operations
from itsm.accounts import operations as accounts
from itsm.accounts.models import QueueRight, Role, Team
from itsm.accounts.models import User as Account
from itsm.home.demo.company import TEAMS
from itsm.kernel.actors import Actor, Door

if TYPE_CHECKING:
    from itsm.home.demo.founding import Company

_FOUNDER = Actor.system("demo founder", Door.COMMAND)
CONFIDENTIAL = "people-care"


def open_queues(users: dict[str, Account]) -> None:
    """The teams that run services take work as specialists, the first line may hand it to them; payroll's is hidden."""
    for team in Team.objects.filter(slug__in=TEAMS):
        queue = accounts.edit_queue(team, actor=_FOUNDER, version=team.version, takes_work=True, tier=2)
        for right in (QueueRight.CREATE, QueueRight.CHANGE, QueueRight.ASSIGN):
            accounts.grant(queue, actor=_FOUNDER, right=right, role=Role.AGENT)
    care = accounts.add_team(
        actor=_FOUNDER,
        slug=CONFIDENTIAL,
        name="People and payroll",
        members={users["manager"]: True, users["agent"]: False},
    )
    accounts.edit_queue(care, actor=_FOUNDER, version=care.version, takes_work=True, confidential=True)


def converse(company: "Company", at: datetime) -> int:
    """Tickets of people rather than of services: one waits for its caller, one is nobody's to see. Returns how many."""
    agent, asks = company.actors["agent"], company.actors["requester"]
    badge = operations.open_incident(
        actor=agent, title="Badge does not open the second floor", caller=company.people["requester"],
        channel="phone", impact=3, urgency=2, at=at - timedelta(minutes=50),
    )  # fmt: skip
    operations.acknowledge(badge, actor=agent)
    operations.reply(
        badge, actor=agent, text="Which number stands on the back of your badge?", at=at - timedelta(minutes=40)
    )
    operations.hold(badge, actor=agent, hold_reason="caller", reason="Asked for the number of the badge.")
    printer = operations.open_incident(
        actor=asks, title="Printer on floor 3 prints blank pages", urgency=3, at=at - timedelta(hours=5)
    )
    operations.acknowledge(printer, actor=agent)
    operations.reply(
        printer, actor=agent, text="I sent somebody with a new drum; is it better now?", at=at - timedelta(hours=2)
    )
    operations.reply(printer, actor=asks, text="Better, but the left edge is still pale.", at=at - timedelta(hours=1))
    operations.open_incident(
        actor=agent, title="Payslip shows somebody else's address", team=Team.objects.get(slug=CONFIDENTIAL),
        caller=company.people["engineer"], channel="mail", impact=2, urgency=1, at=at - timedelta(minutes=20),
    )  # fmt: skip
    return 3
