"""Incidents' clocks: brought to where the incident wants them, and what happens when one runs into a threshold."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext

from incidents.incident.models import NEVER, Incident
from incidents.incident.operations import edit
from incidents.sla import queries
from incidents.sla.rules import wanted
from itsm.accounts.models import Membership, Team, User
from itsm.clocks import operations as clocks
from itsm.clocks.models import Clock
from itsm.clocks.owners import Owner, Reached
from itsm.clocks.terms import Level, Terms
from itsm.kernel.actors import Actor
from itsm.notifications.notifying import notify


def follow(incident: Incident, *, now: datetime, newborn: bool = False) -> None:
    """Bring its clocks to where it wants them, in the transaction that changed it; `incident` then knows what is due
    first. Repeatable. Raises nothing."""
    agreed = queries.agreed_for(incident, now, newborn=newborn)
    facts = queries.facts_at_birth(incident, agreed) if newborn else queries.facts_of(incident, agreed)
    if any(turn.what == "merged" for turn in facts.turns) or incident.merged_into_id is not None:
        clocks.void(incident.kind, incident.pk, at=now, why="merged", now=now)
        incident.next_due = NEVER
        return
    due = clocks.follow(incident.kind, incident.pk, wanted(facts), now=now, newborn=newborn)
    incident.next_due = due or NEVER  # as kept: the answer to who wrote says it too


def lock(incident_id: int) -> bool:
    """Hold an incident; whether it is there. Raises nothing."""
    held = Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk=incident_id)
    return held.values_list("pk", flat=True).first() is not None


def due_moved(incident_id: int, at: datetime | None) -> None:
    """Keep the earliest due on the incident, beside its version: no edit goes stale by a clock. Raises nothing."""
    Incident.objects.filter(pk=incident_id).exclude(next_due=at or NEVER).update(next_due=at or NEVER)


def reached(incident_id: int, what: Reached) -> None:
    """Tell those whom it concerns of a warning, a breach, or a level after it, which may raise it to another queue.

    A level that tells leads is counted. Raises nothing.
    """
    incident = Incident.objects.select_related("team").get(pk=incident_id)
    told = _whom(what)
    if what.threshold.startswith("level_") and "lead" in told:
        Incident.objects.filter(pk=incident_id).update(
            escalated_hierarchically=F("escalated_hierarchically") + 1
        )  # fmt: skip
    notify(
        _people(incident, told),
        _subject(incident, what),
        path=incident.get_absolute_url(),
        record=incident,
    )
    if (level := _level(what)) is not None and level.raise_to:
        _raise(incident, level.raise_to)


def _raise(incident: Incident, slug: str) -> None:
    """Into the queue of a level. Nothing leaves a confidential queue for an open one by itself."""
    team = Team.objects.queues().filter(slug=slug).exclude(pk=incident.team.pk).first()
    if team is None or not incident.is_open or (incident.team.confidential and not team.confidential):
        return
    edit(incident, actor=Actor.system("service levels"), version=incident.version, team=team)


def _level(what: Reached) -> Level | None:
    """The level that was reached; None for a warning, the breach, and a level that the terms no longer have."""
    if not what.threshold.startswith("level_"):
        return None
    levels = sorted(Terms.from_json(what.clock.terms).levels, key=lambda one: one.after_s)
    place = int(what.threshold.removeprefix("level_"))
    return levels[place - 1] if place <= len(levels) else None


def _whom(what: Reached) -> tuple[str, ...]:
    if not what.threshold.startswith("level_"):
        return ("assignee",)
    level = _level(what)
    return level.tell if level is not None else ()


def _people(incident: Incident, told: Iterable[str]) -> list[User]:
    """The assignee, where there is none the team; the team's people; its leads."""
    roles = set(told)
    if "assignee" in roles and incident.assigned_to_id is None:
        roles.add("team")
    ids = {incident.assigned_to_id} if "assignee" in roles else set()
    members = Membership.objects.filter(team=incident.team_id)
    if "team" in roles:
        ids |= set(members.values_list("user_id", flat=True))
    if "lead" in roles:
        ids |= set(members.filter(lead=True).values_list("user_id", flat=True))
    people = User.objects.filter(pk__in=[one for one in ids if one], is_active=True)
    return list(people.filter(account_type=User.AccountType.HUMAN))


def _subject(incident: Incident, what: Reached) -> str:
    words = {
        "incident": incident.reference, "clock": clock_name(what.clock), "title": incident.title,
        "share": what.threshold.removeprefix("warn_"),
    }  # fmt: skip
    if what.threshold.startswith("warn_"):
        return gettext("%(incident)s: %(share)s %% of the time for its %(clock)s is used: %(title)s") % words
    if what.threshold == "breach":
        return gettext("%(incident)s: its %(clock)s is overdue: %(title)s") % words
    return gettext("%(incident)s: its %(clock)s is still overdue: %(title)s") % words


def clock_name(clock: Clock) -> str:
    """As people read it. Raises nothing."""
    match clock.name:
        case "first_response":
            return gettext("first response")
        case "update":
            return gettext("update")
        case "resolve":
            return gettext("resolution")
    return clock.name


OWNER = Owner(lock, due_moved, reached)
