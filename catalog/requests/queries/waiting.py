"""What people read of an item before they decide about it: what it is, for whom, what was answered, what it costs."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from catalog.requests.models import Request, RequestItem
from catalog.requests.queries.answers import answers_to, price_of, version_of
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.queries import asked_of
from itsm.approvals.waiting import Told, Waiting
from itsm.kernel.actors import Actor


def tell(asks: Sequence[ApprovalRequest], actor: Actor) -> Mapping[int, Told]:
    """By the ask's number its item, for who is asked, who has answered, and who sees the request. Four queries."""
    numbers = [ask.record_id for ask in asks]
    items = RequestItem.objects.select_related("request__by", "request__requested_for", "item").in_bulk(numbers)
    asked = {*asked_of(actor).filter(pk__in=[ask.pk for ask in asks]).values_list("pk", flat=True)}
    said = ApprovalDecision.objects.filter(by=actor.id, ask__in=[ask.pk for ask in asks])
    asked |= {*said.values_list("ask_id", flat=True)}
    requests = [one.request_id for one in items.values()]
    seen = {*Request.objects.visible_to(actor).filter(pk__in=requests).values_list("pk", flat=True)}
    return {
        ask.pk: _told(items[ask.record_id])
        for ask in asks
        if ask.record_id in items and (ask.pk in asked or items[ask.record_id].request_id in seen)
    }


def _told(item: RequestItem) -> Told:
    words = {"person": item.request.requested_for, "by": item.request.by}
    for_whom = _("For %(person)s") if item.request.by == item.request.requested_for else _("For %(person)s, by %(by)s")
    return Told(item.reference, item.name, item.get_absolute_url(), for_whom % words, item)


def facts(waiting: Waiting, actor: Actor) -> Sequence[tuple[str, str]]:
    """The lines that are read before deciding; whoever is asked reads confidential answers too."""
    item: RequestItem = waiting.told.record
    version = version_of(item)
    found = [(_("About it"), version.summary)] if version.summary else []
    if item.quantity > 1:
        found.append((_("How many"), str(item.quantity)))
    if price := price_of(item):
        found.append((_("Price"), price))
    asked = asked_of(actor).filter(pk=waiting.ask.pk).exists()
    return [*found, *((one.label, one.words) for one in answers_to(item, actor, decides=asked))]
