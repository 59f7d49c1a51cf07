"""What clocks need to know of an incident, and what is shown of them."""

from datetime import datetime

from django.db.models import QuerySet

from catalog.agreements import queries as agreements
from catalog.agreements.queries import AgreedTerms, Subject
from incidents.incident.models import Incident
from incidents.sla.rules import FIRST_RESPONSE, RESOLVE, Facts, Turn, Word
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.clocks.calendars import hours_of
from itsm.clocks.models import Clock
from itsm.clocks.terms import Terms
from itsm.kernel.actors import Role
from itsm.work.models import Note

_ANSWER = frozenset({Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER, Role.ADMIN})
_TURNS = {
    "incident.put_on_hold": "held", "incident.resumed": "resumed", "incident.resolved": "resolved",
    "incident.reopened": "reopened", "incident.cancelled": "cancelled", "incident.merged": "merged",
    "incident.split_off": "split",
}  # fmt: skip


def facts_of(incident: Incident, agreed: AgreedTerms) -> Facts:
    """What happened to an incident, from its notes and its history. Two queries."""
    return Facts(
        opened_at=incident.opened_at,
        channel=incident.channel,
        words=_words(incident),
        turns=_turns(incident),
        terms=agreed.terms,
        pauses=agreed.pauses,
        on_reopen=agreed.on_reopen,
    )


def facts_at_birth(incident: Incident, agreed: AgreedTerms) -> Facts:
    """The same of one that was just opened. No query."""
    return Facts(opened_at=incident.opened_at, channel=incident.channel, terms=agreed.terms, pauses=agreed.pauses)


def _words(incident: Incident) -> list[Word]:
    public = Note.objects.filter(record_kind=incident.kind, record_id=incident.pk, private=False)
    caller_id = incident.caller_id or incident.opened_by_id
    found = []
    for note in public.select_related("by").order_by("id"):
        answers = note.by_id != caller_id and bool(_ANSWER & set(note.by.roles))
        automatic = note.by.account_type != User.AccountType.HUMAN
        found.append(Word(note.at, by_caller=not answers, answers=answers, automatic=automatic))
    return found


def _turns(incident: Incident) -> list[Turn]:
    entries = Entry.objects.filter(record_kind=incident.kind, record_id=incident.pk, event__in=list(_TURNS))
    found: list[Turn] = []
    reason = ""
    for event, at, changes in entries.order_by("id").values_list("event", "at", "changes"):
        what = _TURNS[event]
        if what == "held":
            reason = (changes.get("hold_reason") or ["", reason])[1]
        said = changes.get("resolved_at") if what == "resolved" else None
        when = datetime.fromisoformat(said[1]) if said and said[1] else at
        found.append(Turn(when, what, reason if what == "held" else ""))
    return found


def agreed_for(incident: Incident, now: datetime, *, newborn: bool = False) -> AgreedTerms:
    """What the agreement that holds for it says. Clocks keep the version of an agreement that they began with."""
    kept = {} if newborn else _versions_kept(incident)
    return agreements.terms_for(_subject(incident), now, kept=kept, calendar_id=incident.team.calendar_id)


def _subject(incident: Incident) -> Subject:
    service = incident.service
    return Subject(
        service_id=incident.service_id,
        tier=service.tier if service else None,
        team_id=incident.team_id,
        priority=incident.priority,
        category=incident.category.path if incident.category else "",
        channel=incident.channel,
    )


def _versions_kept(incident: Incident) -> dict[int, int]:
    """Agreement to version, of what counts or has counted: a record keeps what it began with, reopened too."""
    counted = clocks_of(incident).exclude(state="void")
    held = [Terms.from_json(kept) for kept in counted.values_list("terms", flat=True)]
    return {
        one.agreement: one.agreement_version
        for one in held
        if one.agreement is not None and one.agreement_version is not None
    }


def times_of(incident: Incident) -> dict[str, int | None]:
    """Seconds counted until it was acknowledged, answered and resolved, by the columns that keep them; None where that
    has not happened, or no clock was there to count. One query."""
    stopped, hours_by = {}, None
    for clock in clocks_of(incident).exclude(state=Clock.State.VOID):
        stopped[clock.name] = clock.counted_s if clock.state == Clock.State.STOPPED else None
        if clock.name == RESOLVE:
            hours_by = Terms.from_json(clock.terms).calendar_version
    seen_at = incident.acknowledged_at if RESOLVE in stopped else None
    return {
        "acknowledge_s": None if seen_at is None else hours_of(hours_by).counted(incident.opened_at, seen_at),
        "response_s": stopped.get(FIRST_RESPONSE) if incident.first_response_at is not None else None,
        "resolve_s": stopped.get(RESOLVE) if incident.resolved_at is not None else None,
    }


def clocks_of(incident: Incident) -> QuerySet[Clock]:
    """Its clocks, those of a name together, in the order of their cycles."""
    return Clock.objects.filter(record_kind=incident.kind, record_id=incident.pk).order_by("name", "cycle")
