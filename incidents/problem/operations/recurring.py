"""What recurs is proposed as a problem, once for each signature while it stands; what was fixed is taken up again.

A proposal links its incidents and says why. What is linked to a standing problem is not proposed again; what was
dismissed rests for 28 days unless it doubles; of an accepted risk nothing is said until its review.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import every_service
from incidents.incident.models import Incident
from incidents.incident.operations import placing
from incidents.problem.models import Problem
from incidents.problem.operations.ending import re_analyse
from incidents.problem.operations.telling import tell_of_proposal, tell_of_recurrence
from incidents.problem.queries import recurrence
from incidents.problem.rules import ALIKE_FROM, RESTS, Group, Seen, alike, are_similar, grave
from incidents.problem.vocabulary import CloseCode, Rule
from incidents.problem.workflow import Status
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference
from itsm.one_by_one import one_by_one
from itsm.work.models import Link
from itsm.work.operations import link

RECURRENCE = Actor.system("recurrence")
_MOST_NAMED = 5
_BY = {
    "alert": _("of the same alert rule"),
    "title": _("with alike titles"),
    "category": _("of the same category"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be a problem: `count` says how much of it there is, for who dismissed less."""

    group: Group
    rule: str
    count: int
    statement: str
    why: str


def find_recurrence(at: datetime) -> int:
    """Propose what recurs, and take up again what came back. How many of both. Safe to run twice, and twice at once.

    Raises nothing.
    """
    return _take_up([*_of_incidents(recurrence.seen_lately(at), at), *_burned(at)], at)


def find_fresh_recurrence(at: datetime) -> int:
    """The same where an incident was opened just now: who reports the third one finds it proposed a minute later.

    Raises nothing.
    """
    services = recurrence.services_of_fresh(at)
    if not services:
        return 0
    return _take_up(_of_incidents(recurrence.seen_lately(at, services), at), at)


def _of_incidents(seen: Sequence[Seen], at: datetime) -> list[Candidate]:
    return [*(_alike(group) for group in alike(seen, at)), *(_grave(group) for group in grave(seen, at))]


def _alike(group: Group) -> Candidate:
    title = group.incidents[-1].title
    why = gettext("%(count)s incidents of this service in 14 days %(by)s: %(references)s") % {
        "count": len(group.incidents), "by": _BY[group.by], "references": _named(group),
    }  # fmt: skip
    return Candidate(group, Rule.ALIKE, len(group.incidents), gettext("Recurring: %(title)s") % {"title": title}, why)


def _grave(group: Group) -> Candidate:
    why = gettext("%(count)s grave incidents of this service in 30 days: %(references)s") % {
        "count": len(group.incidents), "references": _named(group),
    }  # fmt: skip
    statement = gettext("Grave again: %(title)s") % {"title": group.incidents[-1].title}
    return Candidate(group, Rule.GRAVE, len(group.incidents), statement, why)


def _burned(at: datetime) -> list[Candidate]:
    """Of what nobody owns, where it took a tenth of a budget."""
    found = []
    for row, percent, numbers in recurrence.burned_by_nobody():
        near = tuple(one for one in recurrence.seen_of(numbers) if one.service == row.service_id)
        group = Group(row.service_id, "budget", f"budget:{row.objective}", near, ALIKE_FROM)
        said = gettext("%(outages)s outages that nobody looks into took %(percent)s %% of the budget of %(objective)s")
        outages = len({part["outage"] for part in row.parts})
        why = said % {"outages": outages, "percent": percent, "objective": row.objective}
        statement = gettext("Outages of %(service)s") % {"service": row.service_name}
        found.append(Candidate(group, Rule.BUDGET, percent, statement, why))
    return found


def _named(group: Group) -> str:
    references = [reference("INC", one.id) for one in group.incidents]
    more = len(references) - _MOST_NAMED
    return ", ".join(references[-_MOST_NAMED:]) + (gettext(" and %(more)s more") % {"more": more} if more > 0 else "")


def _take_up(candidates: Sequence[Candidate], at: datetime) -> int:
    return one_by_one(candidates, lambda one: _taken_up(one, at), what="what recurs")


def _taken_up(candidate: Candidate, at: datetime) -> bool:
    ids = [one.id for one in candidate.group.incidents]
    if ids and recurrence.standing_behind(ids) is not None:
        return False
    for known in recurrence.known_again(candidate.group, at):
        answer = _answered(known, candidate, at)
        if answer is not None:
            return answer
    for fixed in recurrence.closed_as_fixed(candidate.group.service, at):
        if _is_about(fixed, candidate.group) and _answered(fixed, candidate, at):
            return True
    return _proposed(candidate, at)


def _answered(known: Problem, candidate: Candidate, at: datetime) -> bool | None:
    """What becomes of it because of a problem that knows it: True something was done, False it rests, None go on."""
    if known.duplicate_of is not None:
        known = known.duplicate_of
    if known.is_standing:
        return False
    if known.status == Status.DISMISSED:
        rests = known.dismissed_at is not None and at < known.dismissed_at + RESTS
        return False if rests and candidate.count < 2 * known.proposed_count else None
    if known.close_code == CloseCode.RISK_ACCEPTED:
        return False if known.risk_review_at is not None and known.risk_review_at > at else None
    if known.close_code == CloseCode.FIX_APPLIED and known.closed_at is not None:
        return _came_back(known, candidate, known.closed_at)
    return None


def _came_back(known: Problem, candidate: Candidate, closed_at: datetime) -> bool:
    """What was fixed is analysed again where as much recurs anew as recurrence takes; less says nothing yet."""
    anew = [one.id for one in candidate.group.incidents if one.opened_at > closed_at]
    if len(anew) < candidate.group.least:
        return False
    with transaction.atomic():
        held = lifecycle.locked(known)
        if held.status != Status.CLOSED:  # somebody else took it up meanwhile
            return False
        taken = re_analyse(held, actor=RECURRENCE, reason=candidate.why[:2000])
        _link(taken, anew)
        lifecycle.announce(taken, "recurred", actor=RECURRENCE, changes={"incidents": [None, len(anew)]})
        tell_of_recurrence(taken, RECURRENCE, candidate.why)
    return True


def _is_about(problem: Problem, group: Group) -> bool:
    """Whether what was called alike is behind a problem."""
    titles = {one.title for one in group.incidents}
    return any(are_similar(theirs, ours) for theirs in recurrence.titles_behind(problem) for ours in titles)


def _proposed(candidate: Candidate, at: datetime) -> bool:
    """Store the proposal with its links; False where another worker did so meanwhile."""
    group = candidate.group
    service = every_service().filter(pk=group.service).first()
    problem = Problem(
        statement=candidate.statement[:200],
        symptom="\n".join(dict.fromkeys(one.title for one in group.incidents[-_MOST_NAMED:])),
        service=service,
        category_id=_category(group.incidents),
        team=placing.place(service),
        status=Status.PROPOSED,
        signature=group.signature,
        proposed_by_rule=candidate.rule,
        proposed_count=candidate.count,
        why=candidate.why[:500],
        opened_at=at,
    )
    try:
        with transaction.atomic():
            problem.save(force_insert=True)
            lifecycle.created(problem, actor=RECURRENCE, changes={"why": [None, problem.why]})
            _link(problem, [one.id for one in group.incidents])
            tell_of_proposal(problem, RECURRENCE)
    except IntegrityError:
        return False
    return True


def _category(incidents: Sequence[Seen]) -> int | None:
    named = {one.category for one in incidents}
    return named.pop() if len(named) == 1 else None


def _link(problem: Problem, numbers: Sequence[int]) -> None:
    for incident in Incident.objects.filter(pk__in=numbers).order_by("pk"):
        link(problem, incident, actor=RECURRENCE, meaning=Link.Meaning.CAUSED)
