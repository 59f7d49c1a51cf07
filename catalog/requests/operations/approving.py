"""Putting an item to those who decide about it, as its version says; with nobody to ask it is passed on at once."""

from datetime import datetime, timedelta

from django.utils.translation import gettext

from catalog.requests.models import RequestItem
from catalog.requests.operations.deciding import pass_on
from catalog.requests.queries.answers import form_of, version_of
from catalog.requests.rules import steps_asked
from itsm import lifecycle
from itsm.approvals import plans
from itsm.approvals.whom import Resolved, resolve
from itsm.kernel.actors import Actor

ANSWERS_WITHIN = timedelta(days=2)  # then people are reminded; silence decides nothing
_RULES = Actor.system("its approvals")


def begin_approvals(item: RequestItem, *, at: datetime) -> None:
    """Ask the first step, of the people who are meant now; the caller holds the item with its request.

    What went another way than the item says (nobody there may decide) stands in its history. Raises InvalidInput where
    nobody at all may decide.
    """
    steps, findings = resolved(item)
    if not steps:
        pass_on(item, at=at)
        return
    words = {"item": item.reference, "name": item.name, "person": item.request.requested_for}
    plans.begin(
        item, steps, content_hash=item.content_hash, at=at, due_at=at + ANSWERS_WITHIN,
        excluded=[item.request.by_id, item.request.requested_for_id],
        subject=gettext("%(item)s waits for your approval: %(name)s for %(person)s") % words,
    )  # fmt: skip
    for sentence in findings:
        lifecycle.announce(item, "asked_others", actor=_RULES, remark=sentence)


def resolved(item: RequestItem) -> Resolved:
    """The steps that are asked with their people, and what went another way. A few queries for each part."""
    version, request, form = version_of(item), item.request, form_of(item)
    asked = steps_asked(version.approval, form, item.answers)
    return resolve(
        [{"parts": [one.to_json() for one in step.parts], "rule": step.rule} for step in asked],
        requester=request.by, served=request.requested_for, team=item.team, service=version.service,
        answers=item.answers, types={key: str(one.type) for key, one in form.definitions.items()},
        record_kind=item.kind,
    )  # fmt: skip
