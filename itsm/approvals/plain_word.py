"""The common form: approve or decline what was read, with a reason. For kinds that bring no form of their own."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.forms import WordForm
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.progress import progress
from itsm.approvals.waiting import Pages, Sent, Waiting, kind_of
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from


def take(request: HttpRequest, ask: ApprovalRequest, actor: Actor) -> Sent:
    """Hand the word to the kind; what it refuses stands in the form, and nothing typed is lost."""
    form = WordForm(request.POST)
    answer = kind_of(ask).answer
    if not form.is_valid() or answer is None:
        return Sent(form, 422)
    with form_errors_from(form) as refused:
        said = form.cleaned_data
        answer(
            ask, actor=actor, decision=said["vote"], comment=said["comment"], content_hash=said["content_hash"],
            at=timezone.now(),
        )  # fmt: skip
        return Sent(form, None)
    return Sent(form, refused.status)


def see(item: Waiting, actor: Actor, sent: Form | None) -> dict[str, Any]:
    """The form about the content that is shown, how this person stands to it, and how far the plan is."""
    try:
        standing, why_not = refuse_unless_asked(item.ask, actor, item.told.reference), ""
    except NotPermitted as refused:
        standing, why_not = None, refused.detail
    facts = kind_of(item.ask).facts
    form = sent if sent is not None else WordForm(initial={"content_hash": item.ask.content_hash})
    return {
        "form": form,
        "standing": standing,
        "why_not": why_not,
        "has_answered": item.said is not None,
        "facts": facts(item, actor) if facts is not None else (),
        "progress": progress(item.ask.plan) if item.ask.plan is not None else [],
    }


PLAIN = Pages("approvals/partials/waiting_record.html", "approvals/partials/waiting_word.html", see, take)
