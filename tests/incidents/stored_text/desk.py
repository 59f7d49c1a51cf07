"""A desk whose every text was typed by somebody: by the operations where they take it, else straight into the tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from catalog.agreements import operations as agreements
from catalog.models import Agreement, Service
from incidents.incident import operations as incidents
from incidents.incident.operations.categories import add_category
from incidents.models import Category, Incident
from incidents.reports import operations as reports
from incidents.reports.models import SavedReport
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.assignment import operations as rules
from itsm.assignment.models import Rule
from itsm.calendars import operations as calendars
from itsm.clocks.models import Calendar
from itsm.fields import operations as fields
from itsm.fields.models import Field, Option
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from itsm.macros import operations as macros
from itsm.macros.models import Macro, Template
from itsm.macros.templates import create_template
from itsm.work import saved_views
from itsm.work.models import View
from itsm.work.time_worked import add_time
from tests.incidents.stored_text.watch import Watch

WORD = "Plain words"
NAMES = {
    "team name": lambda text: Team.objects.filter(slug="desk").update(name=text),
    "person name": lambda text: User.objects.filter(username="caller").update(name=text),
    "agent name": lambda text: User.objects.filter(username="desk-agent").update(name=text),
    "service name": lambda text: Service.objects.update(name=text),
    "category": lambda text: Category.objects.update(name=text, path=text),
    "view name": lambda text: View.objects.update(name=text[:60]),
    "macro name": lambda text: Macro.objects.update(name=text),
    "macro text": lambda text: Macro.objects.update(actions=[{"kind": "reply", "value": text}]),
    "template name": lambda text: Template.objects.update(name=text),
    "template values": lambda text: Template.objects.update(
        values={"title": text, "description": text}, tasks=[{"title": text, "mandatory": True}]
    ),
    "calendar name": lambda text: Calendar.objects.update(name=text),
    "agreement name": lambda text: Agreement.objects.update(name=text, party=text),
    "field label": lambda text: Field.objects.update(label=text, help=text, section=text[:60]),
    "option label": lambda text: Option.objects.update(label=text),
    "rule name": lambda text: Rule.objects.update(name=text),
    "report name": lambda text: SavedReport.objects.update(name=text),
}  # fmt: skip
OF_THE_RECORD = (
    "title", "description", "why this priority", "typed text", "typed long", "note", "reply", "task", "time", "reason",
    "answer", "first resolution", "reopened because", "resolution",
)  # fmt: skip
PLACES = (*NAMES, *OF_THE_RECORD)
ROOMY = (
    "title", "description", "typed text", "typed long", "note", "reply", "time", "reason", "answer", "first resolution",
    "reopened because", "resolution", "macro text", "task", "why this priority",
)  # fmt: skip
Texts = dict[str, str]


@dataclass
class Desk:
    agent: User
    caller: User
    team: Team
    service: Service
    watch: Watch


def founded(watch: Watch) -> Desk:
    """One of everything that has a name, each called WORD."""
    system, now = Actor.system("tests", Door.COMMAND), timezone.now()
    agent = User.objects.create(username="desk-agent", name=WORD, roles=["agent", "admin"], email="agent@example.org")
    caller = User.objects.create(username="caller", name=WORD, roles=["requester"], email="caller@example.org")
    team = Team.objects.create(slug="desk", name=WORD, takes_work=True)
    Membership.objects.create(user=agent, team=team, lead=True)
    service = Service.objects.create(slug="printing", name=WORD, team=team)
    actor = actor_for(agent, Door.WEB)
    add_category(actor=actor, name=WORD, team=team)
    for type_, key in (("text", "line"), ("long", "lines"), ("choice", "site")):
        options = [{"key": "here", "label": WORD}] if type_ == "choice" else []
        more = {"help": WORD, "requester_sees": True, "requester_fills": True, "filterable": True}
        fields.add_field(
            actor=actor, owner="incident", key=key, type=type_, label=f"{WORD} {key}", options=options, **more
        )
    view = saved_views.save_view(actor=actor, record_kind="incident", name=WORD, share="everyone")
    saved_views.pin(view, actor=actor)
    macros.create_macro(
        actor=actor, record_kind="incident", name=WORD, share="everyone", actions=[{"kind": "reply", "value": WORD}]
    )
    create_template(
        actor=actor,
        record_kind="incident",
        name=WORD,
        values={"title": WORD, "description": WORD},
        tasks=[{"title": WORD}],
    )
    calendar = calendars.create_calendar(actor=system, at=now, name=WORD, zone="UTC", week={"mon": ["09:00-17:00"]})
    agreements.create_agreement(actor=system, at=now, name=WORD, targets={"resolve": 240}, calendar=calendar)
    rules.create_rule(actor=system, name=WORD, record_kind="incident", filter="priority=5", team=team)
    reports.save_report(actor=actor, name=WORD)
    return Desk(agent, caller, team, service, watch)


def filled(desk: Desk, texts: Texts) -> tuple[Incident, set[str]]:
    """A record whose life was told in these texts, in a house whose things are called by them.

    What an operation refuses is told in plain words instead, and the second answer names the place; how it refuses is
    proven elsewhere.
    """
    for name, write in NAMES.items():
        if name in texts:
            write(texts[name])
    agent = actor_for(User.objects.get(pk=desk.agent.pk), Door.WEB)
    caller = actor_for(User.objects.get(pk=desk.caller.pk), Door.WEB)
    made: list[Incident] = []
    told: tuple[tuple[str, Callable[[str], Any]], ...] = (
        ("title", lambda text: made.append(_opened(desk, agent, title=f"printer {text}"))),
        ("description", lambda text: _edited(made[0], agent, description=text)),
        ("why this priority", lambda text: Incident.objects.filter(pk=made[0].pk).update(priority_why=text)),
        ("typed text", lambda text: _edited(made[0], agent, attributes={"line": text})),
        ("typed long", lambda text: _edited(made[0], agent, attributes={"lines": text})),
        ("note", lambda text: incidents.note(made[0], actor=agent, text=text)),
        ("reply", lambda text: incidents.reply(made[0], actor=agent, text=text)),
        ("task", lambda text: incidents.add_task(made[0], actor=agent, title=text)),
        ("time", lambda text: add_time(made[0], actor=agent, minutes=5, note=text)),
        ("", lambda _text: incidents.acknowledge(made[0], actor=agent)),
        ("reason", lambda text: incidents.hold(made[0], actor=agent, hold_reason="vendor", reason=text)),
        ("answer", lambda text: incidents.reply(made[0], actor=caller, text=text)),
        ("first resolution", lambda text: _resolved(made[0], agent, text)),
        ("reopened because", lambda text: incidents.reopen(made[0], actor=caller, reason=text)),
        ("resolution", lambda text: _resolved(made[0], agent, text)),
    )
    refused = set()
    for place, tell in told:
        if not _taken(tell, texts.get(place, WORD)):
            refused.add(place)
        desk.watch.goes_on()
    return Incident.objects.get(pk=made[0].pk), refused


def _opened(desk: Desk, actor: Actor, *, title: str) -> Incident:
    return incidents.open_incident(
        actor=actor, title=title, description=WORD, service=desk.service, priority=2, priority_why=WORD, team=desk.team,
        category=Category.objects.get(), caller=desk.caller, attributes={"line": WORD, "lines": WORD, "site": "here"},
    )  # fmt: skip


def _edited(incident: Incident, actor: Actor, **fields: Any) -> None:
    incidents.edit(incident, actor=actor, version=Incident.objects.get(pk=incident.pk).version, **fields)


def _resolved(incident: Incident, actor: Actor, text: str) -> None:
    if Incident.objects.get(pk=incident.pk).status == "on_hold":
        incidents.resume(incident, actor=actor)
    incidents.resolve(incident, actor=actor, resolution=text, resolution_code="solved")


def _taken(tell: Callable[[str], Any], text: str) -> bool:
    """Told in this text; else in plain words, others than stand there, so that it is told all the same."""
    try:
        with transaction.atomic():
            tell(text)
    except (DomainError, ValidationError):
        tell(f"{WORD} instead")
        return False
    return True


def addresses(incident: Incident) -> Iterator[tuple[str, str]]:
    """Who looks where; `htmx` before an address: as the page itself asks."""
    here = f"/incidents/{incident.reference}/"
    macro, template = Macro.objects.get(), Template.objects.get()
    for address in (
        here, f"{here}?audience=caller", f"{here}events/", f"{here}rewrite/", f"htmx {here}together/", f"htmx {here}clocks/",
        f"htmx {here}macro/", f"{here}macro/{macro.slug}/", f"{here}routing/", "/incidents/?tab=all",
        "/incidents/?tab=all&text=printer", "/incidents/board/?whose=all",
        "/incidents/board/?whose=all&group_by=assigned", "/incidents/board/?whose=all&group_by=team", f"/incidents/new/?template={template.slug}",
        "htmx /search/?q=printer", "/search/?q=printer", "/", "/macros/", macro.get_absolute_url(), template.get_absolute_url(),
        "/fields/", f"/fields/{Field.objects.order_by('pk')[0].pk}/", "/teams/", "/teams/desk/", "/people/", "/people/caller/",
        "/calendars/", "/agreements/", "/rules/", "/reports/", "/reports/saved/", "/services/", "/services/printing/",
        "/notifications/",
    ):  # fmt: skip
        yield "agent", address
    for address in (here, "/incidents/", "/notifications/", "/incidents/new/", "htmx /search/?q=printer"):
        yield "caller", address
