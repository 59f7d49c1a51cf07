"""Sending one message, and what its receiver's answer means for it and for its endpoint."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from itsm.notifications import outgoing
from itsm.notifications.addresses import is_listed, permitted_addresses
from itsm.notifications.channels import PutOff, Refused
from itsm.notifications.models import Delivery
from itsm.notifications.notifying import notify
from itsm.notifications.outgoing import Answer, OutgoingFailed, OutgoingRefused, retry_after
from itsm.notifications.sayings import saying as _
from itsm.notifications.targets import target_of
from itsm.webhooks import chat, events, forms, receivers
from itsm.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from itsm.webhooks.vocabulary import Status

SECONDS = 10.0
AT_ONCE = 2  # to one endpoint
_READ = 2048  # bytes of an answer
GONE = 410


def judged(url: str) -> None:
    """Raise OutgoingRefused for an address that nothing is sent to: private ones, and http beside the listed ones.

    A name that has no address now may get one; that is no refusal.
    """
    target = target_of(url, None)
    try:
        addresses = permitted_addresses(target.host, target.port)
    except OutgoingFailed:
        addresses = []
    if target.scheme == "http" and not (
        addresses and all(is_listed(one, target.host, target.port) for one in addresses)
    ):
        raise OutgoingRefused(
            gettext(
                "%(name)s would get what happens here in the clear: use https, or an administrator may list the "
                "address."
            )
            % {"name": target.name}
        )


def exchange(endpoint: WebhookEndpoint, event: WebhookEvent) -> Answer:
    """One request, by the endpoint's form. Raises OutgoingRefused (also CredentialMissing) and OutgoingFailed."""
    call = forms.render(endpoint, event)
    if urlsplit(call.url).scheme == "http":
        judged(call.url)
    return outgoing.fetch(
        call.method, call.url, body=call.body, headers=call.headers, credentials=call.credentials,
        timeout=SECONDS, cut_at=_READ,
    )  # fmt: skip


def deliver(owed: Delivery) -> str:
    """The channel's handler: what the receiver said. Raises PutOff (try again) and Refused (do not)."""
    sent = WebhookDelivery.objects.select_related("endpoint", "event").filter(pk=owed.payload["delivery"]).first()
    if sent is None or sent.endpoint.status == Status.OFF:
        raise Refused(gettext("The endpoint is off, or gone."))
    takes_back = events.is_taking_back(sent.event)
    if takes_back and not chat.message_of(sent.endpoint, sent.event):
        raise Refused(gettext("There is no message there that could be changed."))
    if not takes_back and events.is_withheld(sent.endpoint, sent.event):
        raise Refused(gettext("The endpoint may not have it any more."))
    try:
        answer = exchange(sent.endpoint, sent.event)
    except (OutgoingRefused, OutgoingFailed) as error:
        _note_failure(sent.endpoint, str(error))
        raise PutOff(str(error), 0) from error
    said = words_of(answer)
    refused = forms.refusal(sent.endpoint, sent.event, answer)
    if is_good(answer) and not refused:
        _note_success(sent.endpoint)
        if takes_back:
            chat.forget_message(sent.endpoint, sent.event)
        else:
            forms.heard(sent.endpoint, sent.event, answer)
        return said
    if answer.status == GONE:
        _switch_off(sent.endpoint, said)
        raise Refused(said)
    _note_failure(sent.endpoint, said)
    raise PutOff(said, retry_after(answer, timezone.now()))


def is_good(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def words_of(answer: Answer) -> str:
    """The status, how long it took, and the beginning of what was said."""
    said = outgoing.cleaned(answer.body.decode("utf-8", "replace"))
    if 300 <= answer.status < 400:
        said = gettext("a redirect, which is not followed")
    return " ".join(part for part in (f"{answer.status} ({answer.seconds * 1000:.0f} ms)", said) if part)


def died(owed: Delivery, at: datetime) -> None:
    """A message was given up: the endpoint's owner hears of it, once a day at most."""
    sent = WebhookDelivery.objects.select_related("endpoint__owner", "event").filter(key=owed.key).first()
    if sent is None:
        return
    endpoint = sent.endpoint
    untold = Q(told_at=None) | Q(told_at__lt=at - timedelta(days=1))
    if not WebhookEndpoint.objects.filter(untold, pk=endpoint.pk).update(told_at=at):
        return
    notify(
        [endpoint.owner],
        _("Webhook “%(name)s”: %(type)s was given up") % {"name": endpoint.name, "type": sent.event.type},
        body=_("%(reference)s was not delivered. The last answer: %(error)s")
        % {"reference": sent.event.reference, "error": owed.last_error},
        path=endpoint.get_absolute_url(),
        by=("webhook_endpoint.gave_up", "owner"),
    )


def _note_success(endpoint: WebhookEndpoint) -> None:
    """`last_ok_at` to the minute: a busy endpoint's row is not written for every message."""
    now = timezone.now()
    is_known = endpoint.last_ok_at is not None and (now - endpoint.last_ok_at).total_seconds() < 60
    if endpoint.status == Status.ON and is_known:
        return
    row = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    row.update(failing_since=None, last_ok_at=now)


def _note_failure(endpoint: WebhookEndpoint, why: str) -> None:
    row = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    row.filter(off_at=None, failing_since=None).update(failing_since=timezone.now())
    row.exclude(last_error=why[:500]).update(last_error=why[:500])


def _switch_off(endpoint: WebhookEndpoint, why: str) -> None:
    """The receiver says that it is gone."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        off_at=timezone.now(), off_because=gettext("The receiver said that it is gone: %(why)s") % {"why": why[:200]},
        failing_since=None,
    )  # fmt: skip
    receivers.endpoints.forget()
