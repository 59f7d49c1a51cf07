"""How Larkspur's desk is set up: teams as queues, one of them confidential, and conversations under way."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from incidents.incident import operations
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import QueueRight, Role, Team
from itsm.accounts.models import User as Account
from itsm.assignment import operations as assignment
from itsm.files.receiving import Received
from itsm.home.demo.company import TEAMS
from itsm.home.demo.pictures import pale_page
from itsm.kernel.actors import Actor, Door
from itsm.macros import operations as macros
from itsm.macros.templates import create_template

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
    care = accounts.edit_queue(care, actor=_FOUNDER, version=care.version, takes_work=True, confidential=True)
    _rules(users, care)


def _rules(users: dict[str, Account], care: Team) -> None:
    """Payslips go where only payroll sees them; calls are the first line's, in turn; what is grave is followed."""
    triage = Team.objects.get(triage=True)
    assignment.create_rule(
        actor=_FOUNDER, name="Payslips are payroll's", filter="text=payslip", team=care, assign="least_open"
    )
    assignment.create_rule(
        actor=_FOUNDER, name="Calls in turn", filter="channel=phone,chat&service=none", team=triage,
        assign="round_robin",
    )  # fmt: skip
    assignment.create_rule(
        actor=_FOUNDER, name="The manager follows what is grave", filter="priority=1", watchers=[users["manager"]],
        checklist=["Say on the status page what is known"],
    )  # fmt: skip


_HELLO = "Hello {{ caller.first_name | there }}, thank you for {{ record.reference }}. "
_MACROS: tuple[tuple[str, list[dict[str, Any]]], ...] = (
    ("Take it and say so", [
        {"kind": "assignee", "value": "me"}, {"kind": "step", "value": {"step": "acknowledge"}},
        {"kind": "reply", "value": _HELLO + "I am looking into it. {{ me.name }}"},
    ]),
    ("Wait for the caller", [
        {"kind": "reply", "value": _HELLO + "Which device is it, and since when? {{ me.name }}"},
        {"kind": "step", "value": {
            "step": "hold", "hold_reason": "caller", "reason": "Asked {{ caller.first_name | them }} for details.",
        }},
    ]),
    ("Solved by a restart", [
        {"kind": "assignee", "value": "me"},
        {"kind": "step", "value": {
            "step": "resolve", "resolution_code": "solved", "resolution": "It works again since it was restarted.",
        }},
    ]),
    ("New starter: what is to do", [
        {"kind": "field", "value": {"urgency": 3, "impact": 3}},
        {"kind": "tasks", "value": [
            {"title": "Order a laptop", "mandatory": True}, {"title": "Print a badge", "mandatory": True},
            {"title": "Send {{ caller.first_name | the manager }} the plan of the first day"},
        ]},
        {"kind": "note", "value": "Reported on {{ record.opened }} by {{ opened_by.name | somebody }}."},
    ]),
)  # fmt: skip


def keep_macros(keeper: Account) -> None:
    """What the desk does to every tenth ticket, and what two sorts of tickets begin with."""
    admin = actor_for(keeper, Door.COMMAND)
    for place, (name, actions) in enumerate(_MACROS):
        macros.create_macro(
            actor=admin, record_kind="incident", name=name, actions=actions, share="everyone", position=10 * place
        )
    create_template(
        actor=admin, record_kind="incident", name="Somebody starts",
        values={"title": "Somebody starts", "description": "Name:\nFirst day:\nTeam:", "urgency": 3, "impact": 3},
        tasks=[{"title": "Order a laptop", "mandatory": True}, {"title": "Print a badge", "mandatory": True}],
    )  # fmt: skip
    create_template(
        actor=admin, record_kind="incident", name="Lost or stolen device",
        values={"title": "Lost device", "description": "Which device, where, when?", "urgency": 1},
        tasks=[{"title": "Lock the device", "mandatory": True}, {"title": "Tell the data protection officer"}],
    )  # fmt: skip


def _picture(name: str) -> Received:
    """As if it was sent."""
    file = Received(name)
    file.take(pale_page())
    file.whole()
    return file


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
    operations.say(
        printer, actor=asks, text="Better, but the left edge is still pale. See the picture.", private=False,
        received=[_picture("test-page.png")], at=at - timedelta(hours=1),
    )  # fmt: skip
    operations.add_time(printer, actor=agent, minutes=25, note="Ordered a drum, asked facilities to fit it")
    operations.open_incident(
        actor=agent, title="Payslip shows somebody else's address", team=Team.objects.get(slug=CONFIDENTIAL),
        caller=company.people["engineer"], channel="mail", impact=2, urgency=1, at=at - timedelta(minutes=20),
    )  # fmt: skip
    return 3
