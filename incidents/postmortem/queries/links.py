"""What actions are linked to, and whether that is over: changes lie above and say so themselves."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext

from incidents.postmortem.models import PostmortemAction
from incidents.problem.models import Problem
from incidents.problem.queries.linked import CHANGE, fixes_named
from incidents.problem.vocabulary import CloseCode
from itsm.kernel.actors import Actor
from itsm.work import linkable


class LinkedRecord(NamedTuple):
    """`succeeded`: closed as fixed or successful; `state` in words."""

    reference: str
    title: str
    url: str
    state: str
    succeeded: bool


Links = dict[int, LinkedRecord]


def links_of(actions: Sequence[PostmortemAction], actor: Actor | None) -> Links:
    """Action -> what it is linked to, as far as the actor may see it; None: what no queue hides."""
    numbers = {one.change_number for one in actions if one.change_number is not None}
    if actor is not None:
        numbers = set(linkable.among(actor, CHANGE, list(numbers)))
    changes = {fix.number: LinkedRecord(fix.reference, fix.summary, fix.url, fix.state, fix.succeeded)
               for fix in fixes_named(sorted(numbers))}  # fmt: skip
    problems = {one.problem.pk: one.problem for one in actions if one.problem is not None}
    seen = problems if actor is None else linkable.among(actor, Problem.kind, list(problems))
    shown = {pk: _problem(one) for pk, one in problems.items() if pk in seen and not _is_hidden(one, actor)}
    found = {}
    for action in actions:
        linked = changes.get(action.change_number or 0) or shown.get(action.problem_id or 0)
        if linked is not None:
            found[action.pk] = linked
    return found


def _is_hidden(record: Any, actor: Actor | None) -> bool:
    return actor is None and linkable.is_discreet(record)


def _problem(problem: Problem) -> LinkedRecord:
    state = problem.get_close_code_display() or problem.get_status_display()
    return LinkedRecord(
        problem.reference, problem.statement, problem.get_absolute_url(), str(state),
        problem.close_code == CloseCode.FIX_APPLIED,
    )  # fmt: skip


def what_was_done(action: PostmortemAction) -> str:
    """What is said of an action whose change or problem ended well; empty where none did."""
    linked = links_of([action], None).get(action.pk)
    if linked is None and action.problem is not None:
        linked = _problem(action.problem)
    if linked is None or not linked.succeeded:
        return ""
    return gettext("%(reference)s: %(state)s") % {"reference": linked.reference, "state": linked.state}
