"""Chat accounts of persons. Only the person links one: by a link that the chat shows to who asked, signed in here."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from itsm.accounts.models import User
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotFound, NotPermitted
from itsm.notifications.web_addresses import our_address
from itsm.webhooks.models import ChatAccount, SlashCall, WebhookEndpoint
from itsm.webhooks.slash.proofs import once
from itsm.webhooks.vocabulary import COMMANDING

LIFETIME = timedelta(minutes=10)
KEPT = timedelta(days=1)
MAX_TOKEN = 1200
_SALT = "itsm.webhooks.slash.linking"
_COUNTS = Q(access_version=F("user__access_version"), user__is_active=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which chat account asks to be linked."""

    endpoint: WebhookEndpoint
    chat_user: str
    name: str
    key: str


def hearing(endpoint_id: int) -> WebhookEndpoint | None:
    """The endpoint whose commands are heard now; None where it is off, or hears none."""
    on = WebhookEndpoint.objects.on().filter(form__in=COMMANDING).exclude(slash_credential="")
    return on.filter(pk=endpoint_id).first()


def person_of(endpoint: WebhookEndpoint, chat_user: str) -> User | None:
    """Whose account there it is; None where nobody linked it, or the link has ended."""
    found = ChatAccount.objects.filter(_COUNTS, endpoint=endpoint, chat_user=chat_user).select_related("user").first()
    return found.user if found is not None and found.user.is_human else None


def accounts_of(actor: Actor) -> QuerySet[ChatAccount]:
    """One's own that count, the oldest first."""
    return ChatAccount.objects.filter(_COUNTS, user=actor.id or 0).select_related("endpoint")


def link_for(endpoint: WebhookEndpoint, chat_user: str, name: str, at: datetime) -> str:
    """The address of the page on which whoever is signed in says that this account is theirs: once, for ten minutes,
    as long as nobody changes the endpoint: who can prove commands there may be another by then."""
    said = [endpoint.pk, endpoint.version, chat_user, name, int(at.timestamp()), secrets.token_hex(8)]
    return our_address(reverse("chats:link", args=[signing.dumps(said, salt=_SALT)]))


def asked_by(token: str, at: datetime) -> Asked:
    """What the link asks. Raises NotFound: made up, older than ten minutes, used, of an endpoint that was changed
    since, or where no commands are heard any more."""
    try:
        endpoint_id, version, chat_user, name, made, nonce = signing.loads(token[:MAX_TOKEN], salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise _void() from error
    endpoint, key = hearing(endpoint_id), f"link:{nonce}"
    is_over = at.timestamp() - made > LIFETIME.total_seconds()
    if endpoint is None or endpoint.version != version or is_over or SlashCall.objects.filter(key=key).exists():
        raise _void()
    return Asked(endpoint, chat_user, name, key)


@transaction.atomic
def link(token: str, *, actor: Actor, at: datetime) -> ChatAccount:
    """From now on commands of this chat account are the actor's. Raises NotFound, NotPermitted (programs), Conflict
    (it is somebody else's)."""
    if not actor.is_human or actor.id is None:
        raise NotPermitted(_("People link their own chat accounts."))
    # One at a time, and none past a change of the proof, which holds the endpoint and ends what is linked.
    WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=asked_by(token, at).endpoint.pk)
    asked = asked_by(token, at)
    if not once(asked.endpoint, asked.key, at):
        raise _void()
    before = person_of(asked.endpoint, asked.chat_user)
    if before is not None and before.pk != actor.id:
        raise Conflict(_("This chat account is linked to somebody else, who ends that first."))
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.id)
    made, _is_new = ChatAccount.objects.update_or_create(
        endpoint=asked.endpoint, chat_user=asked.chat_user,
        defaults={"user": user, "name": asked.name, "access_version": user.access_version, "linked_at": at},
    )  # fmt: skip
    record_event("user.chat_linked", user, actor=actor, changes={"chat account": [None, str(made)]})
    return made


@transaction.atomic
def end(account_id: int, *, actor: Actor) -> None:
    """Commands of this chat account are nobody's any more. Raises NotFound (not one's own)."""
    found = (
        accounts_of(actor)
        .select_for_update(no_key=True, of=("self",))
        .select_related("user", "endpoint")
        .filter(pk=account_id)
    )
    account = found.first()
    if account is None:
        raise NotFound(_("You have linked no such chat account."))
    record_event("user.chat_ended", account.user, actor=actor, changes={"chat account": [str(account), None]})
    account.delete()


def end_all_of(endpoint: WebhookEndpoint) -> None:
    """Who can prove commands there has changed, so that a name there may be somebody else's. Raises nothing."""
    ChatAccount.objects.filter(endpoint=endpoint).delete()


def forget(at: datetime) -> int:
    """Take away commands of yesterday and links that ended with their person's ways in. How many. Raises nothing."""
    calls, _by_model = SlashCall.objects.filter(at__lt=at - KEPT).delete()
    links, _by_model = ChatAccount.objects.exclude(_COUNTS).delete()
    return calls + links


def _void() -> NotFound:
    return NotFound(_("This link has been used, has expired, or was never ours. Ask for another in the chat."))
