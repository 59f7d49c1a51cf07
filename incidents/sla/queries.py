"""What clocks need to know of an incident, and what is shown of them."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from catalog.agreements import queries as agreements
from catalog.agreements.queries import AgreedTerms, Subject
from incidents.incident.models import Incident
from incidents.sla.rules import FIRST_RESPONSE, RESOLVE, Facts, Turn, Word
from itsm.accounts.models import User
from itsm.clocks.calendars import hours_of
from itsm.clocks.models import Clock
from itsm.clocks.terms import Terms
from itsm.kernel.actors import Role
from itsm.prepared import Prepared

_ANSWER = frozenset({Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER, Role.ADMIN})
_TURNS = {
    "incident.put_on_hold": "held", "incident.resumed": "resumed", "incident.resolved": "resolved",
    "incident.reopened": "reopened", "incident.cancelled": "cancelled", "incident.merged": "merged",
    "incident.split_off": "split",
}  # fmt: skip


# Asked at each word: Django takes ten times as long to build these as PostgreSQL to answer them.
_WORDS = Prepared(
    "words_of_a_record",
    """
SELECT said.at, said.by_id, who.roles, who.account_type
FROM work_note said JOIN accounts_user who ON who.id = said.by_id
WHERE said.record_kind = %(kind)s AND said.record_id = %(id)s AND NOT said.private ORDER BY said.id
""",
)
_TURNED = Prepared(
    "turns_of_a_record",
    f"""
SELECT event, at, changes FROM audit_entry
WHERE record_kind = %(kind)s AND record_id = %(id)s AND event IN ({", ".join(f"'{event}'" for event in _TURNS)})
ORDER BY id
""",  # noqa: S608 - no input
)


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
    caller_id = incident.caller_id or incident.opened_by_id
    found = []
    for at, by_id, roles, account_type in _asked(_WORDS, incident):
        answers = by_id != caller_id and bool(_ANSWER & set(roles))
        automatic = account_type != User.AccountType.HUMAN
        found.append(Word(at, by_caller=not answers, answers=answers, automatic=automatic))
    return found


def _asked(statement: Prepared, incident: Incident) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        statement.run(cursor, {"kind": incident.kind, "id": incident.pk})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _turns(incident: Incident) -> list[Turn]:
    found: list[Turn] = []
    reason = ""
    for event, at, noted in _asked(_TURNED, incident):
        what, changes = _TURNS[event], json.loads(noted)
        if what == "held":
            reason = (changes.get("hold_reason") or ["", reason])[1]
        said = changes.get("resolved_at") if what == "resolved" else None
        when = datetime.fromisoformat(said[1]) if said and said[1] else at
        found.append(Turn(when, what, reason if what == "held" else ""))
    return found


def agreed_for(incident: Incident, now: datetime, clocks: Iterable[Clock]) -> AgreedTerms:
    """What the agreement that holds for it says. Its `clocks` keep the version of an agreement that they began with."""
    kept = _versions_kept(clocks)
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


def _versions_kept(clocks: Iterable[Clock]) -> dict[int, int]:
    """Agreement to version, of what counts or has counted: a record keeps what it began with, reopened too."""
    held = [Terms.from_json(one.terms) for one in clocks if one.state != Clock.State.VOID]
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
