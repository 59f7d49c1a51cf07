"""One word about an ask, said by a form: of the queue and of a meeting alike.

The password where a yes weighs much, the vote's own id, the version that was read, and what comes next.
"""

from typing import NamedTuple, TypeVar
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from changes.boards.forms import VoteForm
from changes.boards.operations import agenda as deciding
from changes.boards.queries.asks import Asked
from changes.change.models import Change
from changes.change.permissions import weighs_much
from itsm.accounts.step_up import ask_proof, prove
from itsm.approvals.models import ApprovalRequest
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from

FormT = TypeVar("FormT", bound=Form)


class Sent(NamedTuple):
    """What became of a vote that was sent: `status` of the page that shows its form again, None where it counts."""

    form: VoteForm
    status: int | None


def take_vote(request: HttpRequest, asked: Asked, actor: Actor) -> Sent:
    """A yes that weighs much asks for the password; the version that was read is required."""
    form = VoteForm(request.POST)
    if request.POST.get("vote") == "approve" and weighs_much(asked.change):
        ask_proof(form, actor)
    if not form.is_valid():
        return Sent(form, 422)
    with form_errors_from(form) as refused:
        said = {**form.cleaned_data}
        actor = prove(request, actor, said)
        deciding.vote(asked, actor=actor, at=timezone.now(), version_required=True, **said)
        return Sent(form, None)
    return Sent(form, refused.status)


def vote_form(
    ask: ApprovalRequest, change: Change, actor: Actor, seen: str, *, sent: VoteForm | None = None
) -> VoteForm:
    """The form that is shown. One that comes back goes on naming the version that was read, and has `seen` the news
    that this very page shows.
    """
    if sent is None:
        form = VoteForm(initial={"version": change.version, "seen": seen, "vote_id": vote_id_of(ask, actor)})
    else:
        form = now_seen(sent, seen)
    if weighs_much(change):
        ask_proof(form, actor, required=False)
    return form


def now_seen(form: FormT, seen: str) -> FormT:
    """A form that comes back has seen what its page shows."""
    if "seen" in form.fields:
        form.data = form.data.dict() | {"seen": seen}  # type: ignore[attr-defined]  # a QueryDict
    return form


def following(request: HttpRequest) -> str:
    """The number of what comes next, as the page that was read named it; "" for nothing."""
    sent = request.POST.get("following", "")
    return sent if sent.isdecimal() else ""


def unsent_words(*forms: Form) -> str:
    """What was written to an item that was settled meanwhile: shown once more, since its form is gone."""
    return " ".join(form.data[name] for form in forms for name in ("comment", "reason") if form.data.get(name))


def vote_id_of(ask: ApprovalRequest, actor: Actor) -> UUID:
    """The same for the same vote, whichever of one's windows sends it; another one after each vote.

    Nobody else can tell it: who used it first would keep this vote from being cast.
    """
    cast = sum(answer.by_id == actor.id for answer in ask.answers.all())
    told = salted_hmac("boards: id of a vote", f"/items/{ask.pk}/votes/{actor.id}/{cast}")
    return UUID(bytes=told.digest()[:16], version=4)
