"""What chats and other systems hear of a step that names them: a message, signed as all are."""

from collections.abc import Collection
from datetime import datetime

from itsm.notifications.web_addresses import our_address
from itsm.paging.models import Escalation
from itsm.paging.queries.subjects import subject_of
from itsm.webhooks import events
from itsm.webhooks.models import WebhookEndpoint, WebhookEvent

TYPE = "escalation.step_taken"


def tell(escalation: Escalation, endpoints: Collection[int], at: datetime) -> None:
    """Owe each of these endpoints a message with the way to the escalation, where somebody acknowledges, signed in."""
    told = list(WebhookEndpoint.objects.on().filter(pk__in=endpoints)) if endpoints else []
    if not told:
        return
    is_discreet = subject_of(escalation.subject_kind).discreet(escalation.subject_id)
    title = "" if is_discreet else escalation.title
    data = {
        "reference": escalation.reference, "title": title, "urgency": escalation.urgency, "step": escalation.step,
        "round": escalation.round, "url": our_address(escalation.get_absolute_url()),
    }  # fmt: skip
    event = WebhookEvent.objects.create(
        key=events.new_id(), type=TYPE, at=at, record_kind=escalation.kind, record_id=escalation.pk,
        reference=escalation.reference, title=title, path=escalation.get_absolute_url(),
        body=events.written(TYPE, at, data),
    )  # fmt: skip
    events.send(event, told)
