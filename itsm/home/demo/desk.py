"""How Larkspur's desk is set up: teams as queues, one of them confidential, and conversations under way."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from catalog.agreements import operations as agreements
from incidents.incident import operations
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import QueueRight, Role, Team
from itsm.accounts.models import User as Account
from itsm.assignment import operations as assignment
from itsm.audit.recording import telling_of
from itsm.calendars import operations as calendars
from itsm.files.receiving import Received
from itsm.home.demo.company import FOUNDER, TEAMS
from itsm.home.demo.pictures import pale_page
from itsm.kernel.actors import Door
from itsm.macros import operations as macros
from itsm.macros.templates import create_template
from itsm.work import saved_views
from itsm.work.models import View

if TYPE_CHECKING:
    from itsm.home.demo.founding import Company


CONFIDENTIAL = "people-care"


class Asked(NamedTuple):
    """A call or a mail that is answered; `minutes` until it was solved."""

    title: str
    caller: str
    channel: str
    queue: str
    urgency: int
    minutes: int
    solved: str


ASKED = (
    Asked("Cannot sign in after the holidays", "requester", "phone", "triage", 2, 12, "Password renewed."),
    Asked("Mailbox is full", "engineer", "mail", "platform", 3, 340, "Archive switched on."),
    Asked("Headset is silent in calls", "requester", "phone", "triage", 3, 25, "Other port; works."),
    Asked("Report of returns shows no cents", "manager", "mail", "data", 3, 1900, "Column widened in the export."),
    Asked("Invoice template has the old logo", "owner", "portal", "storefront", 3, 2600, "Replaced."),
    Asked("Terminal at till 2 restarts", "builder", "phone", "payments", 1, 95, "Power supply exchanged."),
    Asked("Shared drive asks for a password", "requester", "mail", "platform", 2, 160, "A new sign-in helped."),
    Asked("Screen flickers on the third floor", "requester", "phone", "triage", 3, 40, "Cable exchanged."),
    Asked("Payslip of March is missing", "engineer", "mail", CONFIDENTIAL, 2, 480, "Sent again by post and by mail."),
    Asked("Label printer is offline", "builder", "phone", "data", 2, 55, "Restarted the spooler."),
    Asked("Customer sees another basket", "manager", "mail", "storefront", 1, 330, "Cache key was shared; corrected."),
    Asked("Badge reader at the north door", "requester", "portal", "triage", 3, 1300, "Battery exchanged."),
    Asked("Refund stays pending", "owner", "mail", "payments", 2, 210, "Bank confirmed by hand."),
    Asked("Laptop fan is loud", "engineer", "phone", "triage", 3, 30, "Cleaned; a replacement is ordered."),
    Asked("Nightly copy of the warehouse took nine hours", "builder", "mail", "data", 2, 420, "Index rebuilt."),
    Asked("Video room two has no picture", "manager", "phone", "platform", 2, 18, "Input chosen again."),
)


def open_queues(users: dict[str, Account]) -> None:
    """The teams that run services take work as specialists, the first line may hand it to them; payroll's is hidden."""
    for team in Team.objects.filter(slug__in=TEAMS):
        queue = accounts.edit_queue(team, actor=FOUNDER, version=team.version, takes_work=True, tier=2)
        for right in (QueueRight.CREATE, QueueRight.CHANGE, QueueRight.ASSIGN):
            accounts.grant(queue, actor=FOUNDER, right=right, role=Role.AGENT)
    care = accounts.add_team(
        actor=FOUNDER,
        slug=CONFIDENTIAL,
        name="People and payroll",
        members={users["manager"]: True, users["agent"]: False},
    )
    care = accounts.edit_queue(care, actor=FOUNDER, version=care.version, takes_work=True, confidential=True)
    _rules(users, care)


def _rules(users: dict[str, Account], care: Team) -> None:
    """Payslips go where only payroll sees them; calls are the first line's, in turn; what is grave is followed."""
    triage = Team.objects.get(triage=True)
    assignment.create_rule(
        actor=FOUNDER, name="Payslips are payroll's", filter="text=payslip", team=care, assign="least_open"
    )
    assignment.create_rule(
        actor=FOUNDER, name="Calls in turn", filter="channel=phone,chat&service=none", team=triage,
        assign="round_robin",
    )  # fmt: skip
    assignment.create_rule(
        actor=FOUNDER, name="The manager follows what is grave", filter="priority=1", watchers=[users["manager"]],
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


def agree(at: datetime) -> None:
    """What was promised: round the clock for what is grave, in office hours for the rest."""
    since = at - timedelta(weeks=11)
    office = calendars.create_calendar(
        actor=FOUNDER, at=since, name="Office hours", zone="Europe/Berlin",
        week={day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    )  # fmt: skip
    for name, priority, calendar, first_response, resolve in (
        ("Critical", 1, None, 15, 60), ("High", 2, None, 30, 240), ("Moderate", 3, office, 120, 600),
        ("Low", 4, office, 600, 2400),
    ):  # fmt: skip
        agreements.create_agreement(
            actor=FOUNDER, at=since, name=name, priority=priority, calendar=calendar,
            targets={"first_response": first_response, "resolve": resolve},
        )  # fmt: skip


def past_weeks(company: "Company", at: datetime) -> int:
    """What people asked the desk about in the last four weeks, all of it over. Returns how many."""
    agent = company.actors["agent"]
    for place, one in enumerate(ASKED):
        opened = at - timedelta(days=27) * (len(ASKED) - place) / len(ASKED)
        with telling_of(opened):
            incident = operations.open_incident(
                actor=agent, title=one.title, caller=company.people[one.caller], channel=one.channel,
                urgency=one.urgency, impact=3, team=Team.objects.get(slug=one.queue), at=opened,
            )  # fmt: skip
        if one.channel != "phone":
            answered = opened + timedelta(minutes=min(25, one.minutes))
            with telling_of(answered):
                operations.reply(incident, actor=agent, text="I am looking at it.", at=answered)
        over = opened + timedelta(minutes=one.minutes)
        with telling_of(over):
            operations.resolve(
                incident, actor=agent, resolution=one.solved, resolution_code="solved", at=over
            )  # fmt: skip
    return len(ASKED)


def share_views(company: "Company") -> None:
    """What the night shift looks at, for everybody, and a tab of those who work at the desk."""
    night = saved_views.save_view(
        actor=company.actors["manager"], record_kind="incident", name="Night shift", sort="due",
        query="state=open&priority=1,2,3&due=..+4h", share=View.Share.EVERYONE,
        columns=["due", "ref", "title", "priority", "state", "team", "assigned", "caller", "updated"],
    )  # fmt: skip
    for name in ("manager", "agent"):
        saved_views.pin(night, actor=company.actors[name])


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
        caller=company.people["engineer"], channel="phone", impact=2, urgency=1, at=at - timedelta(minutes=20),
    )  # fmt: skip
    # Promised within four hours, and asked five hours ago.
    vpn = operations.open_incident(
        actor=agent, title="VPN drops every ten minutes in the Lisbon office", caller=company.people["builder"],
        channel="mail", impact=2, urgency=1, team=Team.objects.get(slug="platform"), at=at - timedelta(hours=5),
    )  # fmt: skip
    operations.reply(
        vpn, actor=agent, text="The line was reset; is it steady now?", at=at - timedelta(hours=4, minutes=50)
    )
    return 4
