"""Who sees a request, and how it is found."""

from dataclasses import replace

from django.db.models import QuerySet
from django.utils.translation import gettext

from catalog.requests import permissions
from catalog.requests.models import Request, RequestItem
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.queries import asked_of
from itsm.files.readers import Reading
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.mail.subjects import About
from itsm.search import offers
from itsm.work.models import Watcher
from itsm.work.watching import watchers_of, watches

_FOR_DESK = frozenset({"assignee", "team", "lead"})


def by_reference(actor: Actor, text: str) -> Request:
    """The request with this reference, or NotFound (also where it may not be seen)."""
    number = number_in(text, "REQ")
    found = Request.objects.select_related("by", "requested_for").filter(pk=number).first() if number else None
    if found is None or not may_see(actor, found):
        raise NotFound(gettext("There is no request %(text)s, or you may not see it.") % {"text": text[:20]})
    return found


def item_of(request: Request, position: str | int) -> RequestItem:
    """The item at this place of a request that was found for the actor. Raises NotFound."""
    found = items_of(request).filter(position=int(position)).first()
    if found is None:
        raise NotFound(gettext("%(request)s has no such item.") % {"request": request.reference})
    found.request = request
    return found


def item_by_reference(actor: Actor, text: str) -> RequestItem:
    """The item with this reference (REQ-00042.1), or NotFound (also where its request may not be seen)."""
    number, _dot, position = text.partition(".")
    return item_of(by_reference(actor, number), position if position.isdecimal() else 0)


def speakers(actor: Actor, request: Request) -> bool:
    """Whose it is, who works on some of it, and who follows it."""
    return permissions.concerned(actor, request) or watches(actor, request)


def may_reply(actor: Actor, request: Request) -> bool:
    """Who may say something in public on it: whose it is, who follows it, who works on some of it."""
    if permissions.askers(actor, request) or permissions.works_on_some(actor, request):
        return True
    return permissions.participants(actor) and watches(actor, request)


def watchers(request: Request) -> list[Watcher]:
    """Who follows it."""
    return list(watchers_of(request))


def items_of(request: Request) -> QuerySet[RequestItem]:
    """Its items in order, with what they name."""
    return (
        RequestItem.objects.filter(request=request).select_related("item", "team", "assigned_to").order_by("position")
    )


def may_see(actor: Actor, request: Request) -> bool:
    """Whether this one is there for the actor: theirs, of queues that they see, followed, or put to them to decide."""
    if actor.is_system or permissions.readers(actor, request) or permissions.theirs(actor, request):
        return True
    if actor.id is None:
        return False
    return watches(actor, request) or decides(actor, request)


def decides(actor: Actor, request: Request) -> bool:
    """Whether one of its items was put to this person, for themselves or in somebody's place: now, or they answered."""
    if permissions.theirs(actor, request):
        return False  # nobody is asked about what is theirs
    items = RequestItem.objects.filter(request=request).values("pk")
    answered = ApprovalDecision.objects.filter(
        by=actor.id, ask__record_kind=RequestItem.kind, ask__record_id__in=items
    )  # fmt: skip
    if answered.exists():
        return True
    return asked_of(actor).filter(record_kind=RequestItem.kind, record_id__in=items).exists()


def decides_item(actor: Actor, item: RequestItem) -> bool:
    """The same of one item."""
    if permissions.theirs(actor, item.request):
        return False
    asks = ApprovalRequest.objects.filter(record_kind=item.kind, record_id=item.pk)
    if ApprovalDecision.objects.filter(by=actor.id, ask__in=asks).exists():
        return True
    return asked_of(actor).filter(record_kind=item.kind, record_id=item.pk).exists()


def is_confidential(request: Request) -> bool:
    """Whether it lies in a confidential queue."""
    return Team.objects.filter(pk__in=request.teams, confidential=True).exists()


def as_mailed(request_id: int) -> About | None:
    """How mails about it are called; of several queues none is the one that answers."""
    found = Request.objects.filter(pk=request_id).only("title", "teams").first()
    if found is None:
        return None
    return About(found.reference, found.title, found.teams[0] if len(found.teams) == 1 else None)


def as_found(request: Request) -> offers.Entry:
    """How a request is found: by those who see its queues, and by whose it is. Answers are not searched."""
    own = (*offers.user(request.by_id), *offers.user(request.requested_for_id))
    queues = tuple(token for team in request.teams for token in offers.queue(team))
    return offers.Entry(
        request.title,
        request.get_absolute_url(),
        "",
        audience=(*queues, *own, *offers.shared(request)),
        about=own,
        is_over=not request.is_open,
    )


def reading_of_files(actor: Actor, request_id: int) -> Reading | None:
    """How the actor reads the files of a request; None where they do not see it."""
    request = Request.objects.filter(pk=request_id).first()
    if request is None or not may_see(actor, request):
        return None
    return Reading(request, permissions.readers(actor, request))


def still_read(user: User, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of what a person was told, by request and relation, what they may read now."""
    actor = replace(actor_for(user, Door.TASK), memo={})  # rights are asked once
    found = Request.objects.visible_to(actor).filter(pk__in=list(told))
    reads = {one.pk: permissions.readers(actor, one) for one in found}
    return {(pk, one) for pk, private in reads.items() for one in told[pk] if private or one not in _FOR_DESK}


def still_asked(user: User, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """The same of items, which people are asked to decide about."""
    actor = replace(actor_for(user, Door.TASK), memo={})
    items = RequestItem.objects.select_related("request").filter(pk__in=list(told))
    return {(item.pk, one) for item in items if may_see(actor, item.request) for one in told[item.pk]}
