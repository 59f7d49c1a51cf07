"""Who hears of what happens to a major incident: by rule and wish, nobody of their own deed."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from incidents.major.models import Major
from incidents.major.queries.deciding import who_decide
from itsm.accounts.queues import who_work_in
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell


def tell_proposed(major: Major, actor: Actor, why: str) -> None:
    """Those who decide. Raises nothing."""
    subject = _("%(major)s may be a major incident: %(title)s") % _named(major)
    _tell(major, actor, "proposed", {"approver": who_decide(major)}, subject, why)


def tell_unanswered(major: Major, actor: Actor, people: Iterable[int]) -> None:
    """The duty managers, else those who decide. Raises nothing."""
    subject = _("Nobody has decided whether %(major)s is a major incident: %(title)s") % _named(major)
    _tell(major, actor, "unanswered", {"approver": people}, subject)


def tell_accepted(major: Major, actor: Actor) -> None:
    """The people of its queue. Raises nothing."""
    subject = _("%(major)s is a major incident: %(title)s") % _named(major)
    _tell(major, actor, "accepted", {"team": who_work_in(major.incident.team.pk)}, subject, major.impact)


def tell_appointed(major: Major, actor: Actor, person: int, role: Words) -> None:
    """Whoever was given a part in it. Raises nothing."""
    subject = _("%(major)s, a major incident: your part is %(role)s") % {**_named(major), "role": role}
    _tell(major, actor, "appointed", {"assignee": [person]}, subject)


def tell_update(major: Major, actor: Actor, text: str) -> int:
    """Stakeholders and those who play a part; how many others than the actor that are. Raises nothing."""
    people = informed(major)
    subject = _("%(major)s: an update: %(title)s") % _named(major)
    _tell(major, actor, "updated", {"watcher": people}, subject, text)
    return len(people - {actor.id})


def tell_ended(major: Major, actor: Actor, state: Words, reason: str) -> None:
    """Stakeholders and those who play a part: it is over, or it is none. Raises nothing."""
    subject = _("%(major)s, a major incident, is %(state)s: %(title)s") % {**_named(major), "state": state}
    _tell(major, actor, "ended", {"watcher": informed(major)}, subject, reason)


def tell_late(major: Major, actor: Actor, people: Iterable[int | None]) -> None:
    """Whoever should have said something. Raises nothing."""
    subject = _("%(major)s: an update is overdue: %(title)s") % _named(major)
    _tell(major, actor, "late", {"assignee": people}, subject)


def tell_of_task(major: Major, actor: Actor, title: str, person: int | None) -> None:
    """Whoever was given a task on it. Raises nothing."""
    subject = _("%(major)s, a major incident: a task for you: %(task)s") % {**_named(major), "task": title}
    _tell(major, actor, "task_given", {"assignee": [person]}, subject)


def informed(major: Major) -> set[int]:
    """Who hears of every update."""
    parts = {major.commander_id, major.communications_id, major.scribe_id}
    return set(major.stakeholders.values_list("person_id", flat=True)) | {one for one in parts if one is not None}


def _named(major: Major) -> dict[str, str]:
    return {"major": major.reference, "title": major.incident.title}


def _tell(
    major: Major, actor: Actor, event: str, concerned: Mapping[str, Iterable[int | None]], subject: Words,
    body: Words = "", at: datetime | None = None,
) -> None:  # fmt: skip
    tell(
        f"major.{event}", concerned, subject, by=actor.id, body=body, path=major.get_absolute_url(), record=major,
        urgent=True, at=at,
    )  # fmt: skip
