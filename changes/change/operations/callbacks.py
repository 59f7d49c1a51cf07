"""Who asked the gate with a callback is told of the decision: signed as Standard Webhooks are, through the outbox.

The secret is the asking account's own: it follows from HEADROOM_SECRET_KEY, and another one takes its place when every
way into the account is ended. What is sent is thin: the receiver reads the rest at the evaluation's address.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from changes.change.models import Evaluation
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.notifications import outbox, outgoing
from itsm.notifications.addresses import OutgoingFailed, OutgoingRefused
from itsm.notifications.models import Delivery
from itsm.notifications.outbox import PutOff, Refused
from itsm.notifications.outgoing import retry_after
from itsm.notifications.web_addresses import is_web_address, our_address
from itsm.webhooks.sending import GONE, is_good, judged, words_of
from itsm.webhooks.signing import derived, signed, written

CHANNEL = "gate_callback"
AT_ONCE = 4  # of one account
SECONDS = 10.0
_READ = 2048  # bytes of an answer
CALLBACKS = Actor.system("callbacks")
APPROVED, ROLL_BACK = Evaluation.Status.APPROVED.value, "roll_back"
# What a callback can be told of; all of it where it does not say.
EVENTS = (
    APPROVED, Evaluation.Status.REJECTED.value, Evaluation.Status.EXPIRED.value, Evaluation.Status.CANCELLED.value,
    ROLL_BACK,
)  # fmt: skip


def require_permitted(callback: Mapping[str, Any] | None) -> None:
    """Before anything is locked: it leads where something may be sent. Raises InvalidInput."""
    if not callback:
        return
    if not is_web_address(callback["url"]):
        raise InvalidInput.about("callback", gettext("Send an http or https address, without a user name in it."))
    try:
        judged(callback["url"])
    except OutgoingRefused as error:
        raise InvalidInput.about("callback", str(error)) from error


def secret_of(account: User) -> bytes:
    """What its callbacks are signed with."""
    return derived(f"gate callbacks of {account.pk}, {account.access_version}")


def secret_in_words(account_id: int) -> str:
    """The same as receivers are given it: `whsec_…`."""
    return written(secret_of(User.objects.get(pk=account_id)))


def owe(evaluation: Evaluation, event: str, *, at: datetime, more: Mapping[str, Any] | None = None) -> None:
    """Tell who asked for it, in the caller's transaction; the same event of one evaluation once. Raises nothing.

    `more` is added to the data, such as the digest to go back to.
    """
    callback = evaluation.callback
    if not callback or event not in (callback.get("events") or EVENTS):
        return
    change = evaluation.change
    path = f"/api/v1/gate-evaluations/{evaluation.pk}/"
    data = {
        "evaluation": str(evaluation.pk), "status": evaluation.status, "decided_by": evaluation.decided_by or None,
        "ended_because": evaluation.ended_because or None,
        "expires_at": _instant(evaluation.expires_at) if event == APPROVED and evaluation.expires_at else None,
        "change": {"number": change.reference, "page": our_address(change.get_absolute_url())},
        "url": our_address(path), **(more or {}),
    }  # fmt: skip
    body = {"type": f"gate_evaluation.{event}", "timestamp": _instant(at), "data": data}
    outbox.enqueue(
        CHANNEL,
        {"evaluation": str(evaluation.pk), "body": json.dumps(body, separators=(",", ":"))},
        aggregate=f"callback-{evaluation.requested_by_id}:{evaluation.pk}",
        key=f"callback-{evaluation.pk}-{event}",
    )


def deliver(owed: Delivery) -> str:
    """The channel's handler: what the receiver said. Raises PutOff (again later) and Refused (never)."""
    evaluation = Evaluation.objects.select_related("requested_by").get(pk=owed.payload["evaluation"])
    body, url = owed.payload["body"].encode(), (evaluation.callback or {})["url"]
    headers = signed([secret_of(evaluation.requested_by)], owed.key, timezone.now(), body)
    try:
        judged(url)
        answer = outgoing.fetch(
            "POST", url, body=body, headers=headers | {"Content-Type": "application/json"}, timeout=SECONDS,
            cut_at=_READ,
        )  # fmt: skip
    except (OutgoingRefused, OutgoingFailed) as error:
        raise PutOff(str(error), 0) from error
    said = words_of(answer)
    if is_good(answer):
        return said
    if answer.status == GONE:
        raise Refused(said)
    raise PutOff(said, retry_after(answer, timezone.now()))


def died(owed: Delivery, at: datetime) -> None:
    """It was given up: the change's history says so, for who wonders why nobody went on."""
    evaluation = Evaluation.objects.select_related("change").get(pk=owed.payload["evaluation"])
    told = {"callback": [None, (evaluation.callback or {})["url"]], "error": [None, owed.last_error[:300]]}
    lifecycle.announce(evaluation.change, "callback_given_up", actor=CALLBACKS, changes=told, at=at)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
