"""Every write to webhook endpoints, and what is sent by hand."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import Team, User
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, WrongState
from itsm.notifications.models import Delivery
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from itsm.webhooks import chat, checking, events, forms, receivers, secret_addresses, sending, signing
from itsm.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent, new_key
from itsm.webhooks.permissions import keepers
from itsm.webhooks.slash import accounts
from itsm.webhooks.vocabulary import Form, Status

KEPT = timedelta(days=30)
LONGEST_ROTATION = 168  # hours
MOST = 100  # endpoints


def create(
    *,
    actor: Actor,
    name: str,
    url: str,
    events: Iterable[str],
    form: str = Form.STANDARD,
    team: Team | None = None,
    only_team: bool = False,
    credential: str = "",
    options: dict[str, Any] | None = None,
    slash_credential: str = "",
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint, and its secret as the receiver needs it; "" where it is a credential's, which is read by name.

    Nothing keeps the secret in the clear: whoever loses it rotates. Raises NotPermitted, InvalidInput, Conflict.
    """
    _require_keeper(actor)
    made = WebhookEndpoint(
        name=name.strip(), url=url.strip(), form=form, events=checking.normal(events), team=team, only_team=only_team,
        credential=credential, options=options or {}, slash_credential=slash_credential,
        owner_id=actor.person_id or actor.account_id,
    )  # fmt: skip
    _check(made, actor)
    if WebhookEndpoint.objects.count() >= MOST:
        raise Conflict(_("There are at most %(most)s endpoints.") % {"most": MOST})
    made.url = secret_addresses.put_away(made.url, made.form, has_room=bool(chat.room_of(made)))
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            lifecycle.created(made, actor=actor, changes={"url": [None, made.url], "events": [None, made.events]})
    except IntegrityError as error:
        secret_addresses.throw_away(made.url)
        raise Conflict(_("There is already an endpoint called %(name)s.") % {"name": made.name}) from error
    _changed()
    return made, "" if made.credential or made.form != Form.STANDARD else signing.written(signing.derived(made.key))


def edit(endpoint: WebhookEndpoint, *, actor: Actor, version: int | None, **said: Any) -> WebhookEndpoint:
    """Change name, url, events, form, team, only_team, credential, options or slash_credential. What is owed goes to
    where it leads now; where other proof counts for commands, chat accounts are to be linked anew.

    Raises NotPermitted, InvalidInput, Conflict, StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    if "url" in said:
        said["url"] = said["url"].strip()
        checking.check_address(said["url"])  # a resolver is asked before anything is locked
    try:
        with lifecycle.edit(endpoint, actor=actor, version=version) as current:
            proof, before = _proof(current), current.url
            for name, value in said.items():
                setattr(current, name, checking.normal(value) if name == "events" else value)
            current.name = current.name.strip()
            _check(current, actor, address=False)
            current.url = secret_addresses.put_away(current.url, current.form, has_room=bool(chat.room_of(current)))
            if before != current.url:
                transaction.on_commit(lambda: secret_addresses.throw_away(before), robust=True)
            if not {"form", "slash_credential"}.isdisjoint(said) and _proof(current) != proof:
                accounts.end_all_of(current)
    except IntegrityError as error:
        raise Conflict(_("There is already an endpoint called %(name)s.") % {"name": said.get("name")}) from error
    _changed()
    return current


def rotate(
    endpoint: WebhookEndpoint,
    *,
    actor: Actor,
    at: datetime,
    credential: str = "",
    hours: int = 24,
    version: int | None = None,
) -> tuple[WebhookEndpoint, str]:
    """A new secret, or another credential. For so many hours messages carry a signature by each of both.

    Returns it with the secret as the receiver needs it; "" where it is a credential's. Raises NotPermitted,
    InvalidInput, StaleVersion.
    """
    _require_keeper(actor)
    if not 0 <= hours <= LONGEST_ROTATION:
        raise InvalidInput.about("hours", _("From 0 to %(most)s hours.") % {"most": LONGEST_ROTATION})
    with lifecycle.edit(endpoint, actor=actor, version=version, version_required=False, event="rotated") as current:
        current.credential_before, current.key_before = current.credential, current.key
        current.credential, current.key = credential, new_key()
        current.before_until = at + timedelta(hours=hours)
        checking.check_secret(current)
    _changed()
    has_own = current.credential or current.form != Form.STANDARD
    return current, "" if has_own else signing.written(signing.derived(current.key))


def switch_off(endpoint: WebhookEndpoint, *, actor: Actor, version: int | None = None) -> WebhookEndpoint:
    """Nothing more is sent; what is owed is given up in its turn. Raises NotPermitted, WrongState, StaleVersion."""
    _require_keeper(actor)
    with lifecycle.edit(
        endpoint, actor=actor, version=version, version_required=False, event="switched_off"
    ) as current:
        if current.status == Status.OFF:
            raise WrongState(_("It is off already."), state=current.status)
        current.off_at, current.failing_since = timezone.now(), None
        current.off_because = _("%(person)s switched it off.") % {"person": actor.name}
    _changed()
    return current


def switch_on(endpoint: WebhookEndpoint, *, actor: Actor, version: int | None = None) -> WebhookEndpoint:
    """From now on it is told again; of what happened meanwhile, nothing.

    Raises NotPermitted, InvalidInput (its address or secret cannot be used any more), WrongState, StaleVersion.
    """
    _require_keeper(actor)
    checking.check_address(endpoint.url)
    with lifecycle.edit(endpoint, actor=actor, version=version, version_required=False, event="switched_on") as current:
        if current.status != Status.OFF:
            raise WrongState(_("It is on already."), state=current.status)
        _check(current, actor, address=False)
        current.off_at, current.off_because, current.last_error = None, "", ""
    _changed()
    return current


def delete(endpoint: WebhookEndpoint, *, actor: Actor, version: int | None) -> None:
    """Forget it, with its log. What it is owed is given up. Raises NotPermitted, StaleVersion, VersionRequired."""
    _require_keeper(actor)
    with lifecycle.edit(endpoint, actor=actor, version=version, going=True) as current:
        lifecycle.announce(current, "deleted", actor=actor, changes={"url": [current.url, None]})
        WebhookEndpoint.objects.filter(pk=current.pk).delete()
        transaction.on_commit(lambda: secret_addresses.throw_away(current.url), robust=True)
    _changed()


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test came to: `said` is the receiver's answer or why there was none, `seconds` how long it took."""

    ok: bool
    said: str
    seconds: float


def test(endpoint: WebhookEndpoint, *, actor: Actor, at: datetime) -> Tried:
    """Send a message of the type `webhook.test`, now. It is in no log of messages and changes nothing here.

    Raises NotPermitted, InvalidInput (nothing is sent to that address, or with that secret).
    """
    _require_keeper(actor)
    with transaction.atomic():
        lifecycle.announce(endpoint, "tested", actor=actor)
    began = time.monotonic()
    try:
        sending.judged(endpoint.address)
        event = events.test_event(endpoint, at)
        answer = sending.exchange(endpoint, event)
        refused = forms.refusal(endpoint, event, answer)
    except OutgoingRefused as error:
        raise InvalidInput.about("url", str(error)) from error
    except OutgoingFailed as error:
        return Tried(False, str(error), time.monotonic() - began)
    return Tried(sending.is_good(answer) and not refused, sending.words_of(answer), answer.seconds)


def replay(delivery: WebhookDelivery, *, actor: Actor) -> WebhookDelivery:
    """Send a message again, under the same id: a receiver that had it may know it by that.

    Raises NotPermitted, InvalidInput (its address may not be reached), WrongState (the endpoint is off).
    """
    _require_keeper(actor)
    endpoint = delivery.endpoint
    if endpoint.status == Status.OFF:
        raise WrongState(_("The endpoint is off: switch it on first."), state=endpoint.status)
    checking.check_address(endpoint.url)
    checking.check_secret(endpoint)
    with transaction.atomic():
        lifecycle.announce(endpoint, "sent_again", actor=actor, changes={"message": [None, delivery.event.key]})
        return events.send(delivery.event, [endpoint], again=True)[0]


def forget(at: datetime, *, most: int = 5000) -> int:
    """Take away messages older than thirty days, with their deliveries. Returns how many. Raises nothing."""
    old = list(WebhookEvent.objects.filter(at__lt=at - KEPT).order_by("at").values_list("pk", flat=True)[:most])
    keys = WebhookDelivery.objects.filter(event__in=old).values_list("key", flat=True)
    with transaction.atomic():
        Delivery.objects.filter(key__in=list(keys)).delete()
        WebhookEvent.objects.filter(pk__in=old).delete()
    return len(old)


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """Endpoints of a team that is merged are of the other one. How many. Raises nothing."""
    moved = WebhookEndpoint.objects.filter(team=old).update(team=new, version=F("version") + 1)
    _changed()
    return moved


def hand_over(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Who leaves is told no more: their successor is, or whoever deactivates them. Raises nothing."""
    owner = successor.pk if successor is not None else actor.person_id
    if owner is not None:
        WebhookEndpoint.objects.filter(owner=person).update(owner=owner)


def _changed() -> None:
    """This process knows at once; the others within seconds."""
    receivers.endpoints.forget()
    transaction.on_commit(receivers.endpoints.forget, robust=True)


def _proof(endpoint: WebhookEndpoint) -> tuple[str, str]:
    """What commands of its chat are proven with."""
    return endpoint.form, endpoint.slash_credential


def _require_keeper(actor: Actor) -> None:
    if not keepers(actor):
        raise NotPermitted(_("Webhooks are kept by administrators."))


def _check(endpoint: WebhookEndpoint, actor: Actor, *, address: bool = True) -> None:
    if endpoint.team is not None and not rights_in_queues(actor).sees(endpoint.team.pk):
        raise NotFound(_("There is no such team."))
    checking.check(endpoint, address=address)
