"""Reads of incidents, shaped for the list, the record and the gate."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext

from catalog.services.queries import visible_services
from catalog.services.queries.states import worst
from catalog.services.vocabulary import ServiceState
from incidents.incident import permissions
from incidents.incident.models import GRAVE, LABELLED, Category, Incident, Matrix
from incidents.incident.vocabulary import Level, Priority
from incidents.incident.workflow import OPEN, OVER, Status
from itsm import rows
from itsm.accounts.actors import actor_for
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User
from itsm.accounts.queues import rights_in_queues
from itsm.audit.models import Entry
from itsm.audit.recording import newest_entry, timeline
from itsm.files.readers import Reading
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.search import offers
from itsm.work.models import Note
from itsm.work.watching import watchers_of

_MOST_DUTIES = 200
_SOON = timedelta(hours=1)
_LINE = (
    "title", "status", "hold_reason", "priority", "major", "next_due", "opened_at", "updated_at", "caller_spoke_at",
    "agent_spoke_at", "version", "service__name", "service__slug", "team__name", "team__slug", "assigned_to__name",
    "assigned_to__username",
)  # fmt: skip
_RELATED = ("team", "category", "caller", "opened_by", "assigned_to")
_OPEN_CHILDREN = f"""EXISTS (
  SELECT FROM incidents_incident child
  WHERE child.parent_id = it.id AND child.status IN ({", ".join(f"'{status}'" for status in sorted(OPEN))})
)"""
_MOST_SAID = 200
_MOST_LABELLED = 2000
_MOST_SUGGESTED = 100
_FOR_READERS = frozenset({"assignee", "team", "lead"})
_MOST_CHILDREN = 100


def as_found(incident: Incident) -> offers.Entry:
    """How an incident is found: by those who see its queue, and by whose it is."""
    reporter = (*offers.user(incident.caller_id), *offers.user(incident.opened_by_id))
    return offers.Entry(
        incident.title,
        incident.get_absolute_url(),
        "\n".join(filter(None, [", ".join(incident.labels), incident.description])),
        audience=(*offers.queue(incident.team_id), *reporter, *offers.shared(incident)),
        about=(*offers.service(incident.service_id), *offers.user(incident.assigned_to_id), *reporter),
        is_over=not incident.is_open,
    )


def still_read(user: User, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of what a person was told, by incident and relation, what they may read now.

    News for whoever works on it hold private words: they need the queue, not only a share. Two queries or three.
    """
    actor = actor_for(user, Door.TASK)
    rights = rights_in_queues(actor)
    found = Incident.objects.visible_to(actor).filter(pk__in=list(told)).values_list("pk", "team_id")
    reads = {pk: permissions.staff(actor) and rights.sees(team_id) for pk, team_id in found}
    return {(pk, one) for pk, private in reads.items() for one in told[pk] if private or one not in _FOR_READERS}


def listed(actor: Actor) -> QuerySet[Incident]:
    """The incidents that this actor may see, with what a reader of each is told.

    Few have a parent or a survivor: two tables more in the join took the planner 25 ms of each reading.
    """
    found = Incident.objects.visible_to(actor).select_related(*_RELATED)
    return with_seen_services(found.prefetch_related("parent", "merged_into"), actor)


def with_seen_services(found: QuerySet[Incident], actor: Actor) -> QuerySet[Incident]:
    """Each with its service; with none where the reader may not see that one. A query more for who only asks."""
    if permissions.staff(actor):
        return found.select_related("service")
    return found.prefetch_related(Prefetch("service", visible_services(actor)))


def for_list(actor: Actor, more: Collection[str] = ()) -> QuerySet[Incident]:
    """The incidents that this actor may see, with what one line of a list says and no long text; `more`: columns that
    it says beside the usual ones, also of other tables (caller__name)."""
    tables = {name.partition("__")[0] for name in more if "__" in name} - {"service"}
    lines = Incident.objects.visible_to(actor).select_related("team", "assigned_to", *sorted(tables))
    columns = (*_LINE, *more) if permissions.staff(actor) else ("service", *_without_service((*_LINE, *more)))
    return with_seen_services(lines, actor).only(*columns)


def _without_service(columns: Collection[str]) -> list[str]:
    """What is read of the service comes by itself."""
    return [one for one in columns if not one.startswith("service__")]


def soon() -> datetime:
    """Until when what is due counts as breaching."""
    return timezone.now() + _SOON


def by_reference(actor: Actor, text: str) -> Incident:
    """The incident with this reference, or NotFound (also where it may not be seen)."""
    number, staff = number_in(text, "INC"), permissions.staff(actor)
    related = (*_RELATED, "service") if staff else _RELATED
    incident = rows.joined(Incident, related, "it.id = %s", [number], open_children=_OPEN_CHILDREN) if number else None
    if incident is None or not (actor.is_system or may_see(actor, incident)):
        raise NotFound(gettext("There is no incident %(text)s, or you may not see it.") % {"text": text[:20]})
    if not staff:
        prefetch_related_objects([incident], Prefetch("service", visible_services(actor)))
    return incident


def queues_for(actor: Actor) -> QuerySet[Team]:
    """The queues that the actor may open records in, by name."""
    rights = rights_in_queues(actor)
    shown = Team.objects.queues().exclude(pk__in=rights.hidden - rights.create).order_by("name")
    return shown if rights.opens_anywhere else shown.filter(pk__in=rights.create)


def may_see(actor: Actor, incident: Incident) -> bool:
    """Whether this one is there for the actor."""
    if permissions.readers(actor, incident) or permissions.theirs(actor, incident):
        return True
    return Incident.objects.visible_to(actor).filter(pk=incident.pk).exists()


def survivor_of(incident: Incident, actor: Actor) -> Incident | None:
    """What it was merged into, where the actor may see that."""
    found = incident.merged_into
    return found if found is not None and may_see(actor, found) else None


@dataclass(frozen=True, slots=True)
class Family:
    """Parent and children, as far as the reader may see them."""

    parent: Incident | None
    children: list[Incident]


def family_of(incident: Incident, actor: Actor) -> Family:
    """Its parent and its children, in the order in which they were opened."""
    parent = incident.parent if incident.parent is not None and may_see(actor, incident.parent) else None
    children = Incident.objects.visible_to(actor).filter(parent=incident).order_by("pk")
    return Family(parent, list(children[:_MOST_CHILDREN]))


def is_confidential(incident: Incident) -> bool:
    """Whether it lies in a confidential queue."""
    return bool(incident.team.confidential)


def speakers(actor: Actor, incident: Incident) -> bool:
    """Who may say something on it: who works on it, whose it is, and who watches it."""
    return permissions.concerned(actor, incident) or watchers_of(incident).filter(user=actor.id).exists()


def notes_seen(incident: Incident, *, with_private: bool) -> QuerySet[Note]:
    """What was written on it, and on what was merged into it, oldest first."""
    merged = Incident.objects.filter(merged_into=incident).values("pk")
    written = Q(record_id=incident.pk) | Q(record_id__in=merged)
    notes = Note.objects.filter(written, record_kind=incident.kind).select_related("by").order_by("at", "id")
    return notes if with_private else notes.filter(private=False)


def newest_note(incident: Incident, *, with_private: bool) -> int:
    """The id of the last word on it that may be read; 0 where there is none."""
    seen = notes_seen(incident, with_private=with_private).order_by()
    return seen.aggregate(last=Max("pk"))["last"] or 0


def notes_on(incident: Incident, *, with_private: bool) -> list[Note]:
    """The same, read."""
    return list(notes_seen(incident, with_private=with_private))


def replied_since(incident: Incident, actor: Actor, seen: int) -> list[Note]:
    """Public words of others that came after the note `seen` (an id; 0: after none)."""
    return list(notes_seen(incident, with_private=False).filter(pk__gt=seen).exclude(by=actor.id))


def reading_of_files(actor: Actor, incident_id: int) -> Reading | None:
    """How the actor reads the files of an incident, also by way of what it lives on in; None where they see neither."""
    incident = Incident.objects.select_related("merged_into").filter(pk=incident_id).first()
    both = (incident, incident.merged_into if incident is not None else None)
    seen = [one for one in both if one is not None and may_see(actor, one)]
    return Reading(seen[0], any(permissions.readers(actor, one) for one in seen)) if seen else None


def story_of(incident: Incident, notes: Collection[Note]) -> list[Entry]:
    """What happened to it, and of what was merged into it the entries of these notes, newest first."""
    own, elsewhere = timeline(incident), {note.record_id for note in notes} - {incident.pk}
    if not elsewhere:
        return own
    said = Entry.objects.filter(record_kind=incident.kind, record_id__in=elsewhere, event=f"{incident.kind}.noted")
    return sorted([*own, *said[:_MOST_SAID]], key=lambda entry: (entry.at, entry.pk), reverse=True)


def newest_event(incident: Incident, *, without: Collection[str]) -> int:
    """The id of the newest entry about it that is none of these events; 0 where there is none."""
    return newest_entry(incident, without=without)


def open_on(service_ids: Collection[int]) -> QuerySet[Incident]:
    """The open incidents of these services, the gravest first."""
    return Incident.objects.filter(service__in=service_ids, status__in=OPEN).order_by("priority", "id")


def troubled_services(at: datetime) -> dict[int, ServiceState]:
    """Services that people who work on their incidents know to be in trouble. One query.

    Counted is what somebody has taken up: who reports something says nothing for all others. Down: critical or major
    by the word of people; degraded: of high priority, or grave by an alert, which knows of errors and not that
    nothing works. What lies in a confidential queue says nothing here.
    """
    taken = Incident.objects.filter(status__in=(Status.IN_PROGRESS, Status.ON_HOLD), service__isnull=False)
    grave = taken.filter(GRAVE | Q(priority=Priority.HIGH), team__confidential=False).order_by()
    found: dict[int, ServiceState] = {}
    for service, priority, major, source in grave.values_list("service", "priority", "major", "source_key"):
        down = (priority == Priority.CRITICAL or major) and source is None
        state = ServiceState.DOWN if down else ServiceState.DEGRADED
        found[service] = worst(found.get(service, state), state)
    return found


def opened_since(actor: Actor, service_id: int, since: datetime) -> QuerySet[Incident]:
    """The incidents of a service that were opened since then, as far as the actor may see them, the newest first."""
    return Incident.objects.visible_to(actor).filter(service=service_id, opened_at__gte=since).order_by("-id")


def seen_by(actor: Actor) -> QuerySet[Incident]:
    """Those that the actor may see, for use in a filter or as what is fetched along."""
    return Incident.objects.visible_to(actor)


def hidden_from(actor: Actor) -> QuerySet[Incident]:
    """Those that the actor may not see, for use in a filter: records beside them may have kept their names."""
    return Incident.objects.exclude(pk__in=Incident.objects.visible_to(actor).values("pk"))


def open_between(service_ids: Collection[int], first: datetime, last: datetime) -> QuerySet[Incident]:
    """The incidents of these services, none cancelled, that were open somewhen in [first, last), the newest first."""
    lasted = Q(resolved_at__isnull=True) | Q(resolved_at__gte=first)
    found = Incident.objects.filter(lasted, service__in=service_ids, opened_at__lt=last)
    return found.exclude(status=Status.CANCELLED).order_by("-opened_at")


def last_settled_alert(service_id: int, since: datetime) -> datetime | None:
    """When the newest incident that a burn alert opened was resolved; None while one is open or there was none."""
    of_alerts = Incident.objects.filter(service=service_id, source_key__isnull=False, opened_at__gte=since)
    if of_alerts.filter(status__in=OPEN).exists():
        return None
    return of_alerts.filter(status__in=OVER).order_by("-resolved_at").values_list("resolved_at", flat=True).first()


def lying_in(team: Team) -> list[Duty]:
    """Open incidents in a queue: each would stay with its team."""
    return [
        Duty(
            what=gettext("open incident"),
            reference=one.reference,
            name=one.title,
            path=one.get_absolute_url(),
            otherwise=gettext("stays in its queue"),
            passes=True,
        )
        for one in Incident.objects.filter(team=team).still_open().order_by("priority", "pk")[:_MOST_DUTIES]
    ]


def placed_by(team: Team) -> list[Duty]:
    """Categories that place incidents in this queue."""
    return [
        Duty(
            what=gettext("category"),
            reference=one.path,
            name=one.name,
            path="/incidents/",
            otherwise=gettext("places incidents in triage"),
            passes=True,
        )
        for one in Category.objects.filter(team=team, retired_at=None)
    ]


def assigned_to(person: User) -> list[Duty]:
    """Open incidents that this person works on."""
    return [
        Duty(
            what=gettext("open incident"),
            reference=one.reference,
            name=one.title,
            path=one.get_absolute_url(),
            otherwise=gettext("is assigned to nobody"),
            passes=True,
        )
        for one in Incident.objects.filter(assigned_to=person).still_open().order_by("priority", "pk")
    ]


def labels_seen(actor: Actor, begin: str = "") -> list[str]:
    """Labels that are on records which the actor sees, those of late that most have first; `begin`: how they begin."""
    if "\0" in begin:
        return []
    on_late = Incident.objects.visible_to(actor).filter(LABELLED).order_by("-id").values("labels")[:_MOST_LABELLED]
    begins = begin.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    rows, parameters = on_late.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT label FROM ({rows}) late, unnest(late.labels) label WHERE label LIKE %s"  # noqa: S608 - made by Django
            " GROUP BY label ORDER BY count(*) DESC, label LIMIT %s",
            [*parameters, f"{begins}%", _MOST_SUGGESTED],
        )
        return [label for (label,) in cursor.fetchall()]


def categories(actor: Actor) -> list[tuple[Category, Team | None]]:
    """The tree in order, each with the queue of new ones where the reader may see that."""
    rights = rights_in_queues(actor)
    found = Category.objects.select_related("team").order_by("path")
    return [(one, one.team if rights.sees(one.team_id) else None) for one in found]


def matrices() -> list[Matrix]:
    """The versions of the priority matrix, the one that holds first."""
    return list(Matrix.objects.select_related("by").order_by("-version")[:50])


def matrix_grid(matrix: Matrix) -> list[tuple[str, list[int]]]:
    """Its rows: the impact, and the priorities by urgency."""
    return [(str(level.label), list(matrix.cells[3 * row : 3 * row + 3])) for row, level in enumerate(Level)]


def matrix_differences(before: Sequence[int], after: Sequence[int]) -> list[tuple[str, str, int, int]]:
    """Impact, urgency, priority before and after, of each cell that is different."""
    levels = [str(level.label) for level in Level]
    pairs = enumerate(zip(before, after, strict=True))
    return [(levels[n // 3], levels[n % 3], old, new) for n, (old, new) in pairs if old != new]


def priority_said(incident: Incident) -> str:
    """Why a person's priority holds: what the matrix said, who said otherwise, and their words.

    "P2 = impact high x urgency medium (matrix 3). Ada made it P1: payroll tonight."
    """
    by_rule = ""
    newest = Matrix.objects.first()
    if newest is not None and incident.impact is not None and incident.urgency is not None:
        by_rule = gettext("P%(p)s = impact %(impact)s x urgency %(urgency)s (matrix %(version)s).") % {
            "p": newest.priority(incident.impact, incident.urgency), "impact": Level(incident.impact).label,
            "urgency": Level(incident.urgency).label, "version": newest.version,
        }  # fmt: skip
    spoke = Entry.objects.filter(record_kind=Incident.kind, record_id=incident.pk, changes__has_key="priority").first()
    who = spoke.actor_name if spoke is not None else gettext("A person")
    made = gettext("%(who)s made it P%(p)s") % {"who": who, "p": incident.priority}
    why = f": {incident.priority_why}" if incident.priority_why else ""
    return f"{by_rule} {made}{why}".strip().rstrip(".") + "."
