"""Whether a command came from where it says, and for the first time.

Slack signs `v0:timestamp:body` with HMAC-SHA256 and the app's signing secret (X-Slack-Signature,
X-Slack-Request-Timestamp). Mattermost sends the command's token in the body and signs nothing: what names one command
there is its `trigger_id`.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from itsm.kernel.errors import Conflict, DomainError, Unavailable
from itsm.notifications.credentials import CredentialMissing, credentials_of
from itsm.webhooks.models import SlashCall, WebhookEndpoint
from itsm.webhooks.vocabulary import Form

WINDOW = timedelta(minutes=5)
MOST_A_MINUTE = 60
SIGNATURE, TIMESTAMP = "X-Slack-Signature", "X-Slack-Request-Timestamp"
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class Unproven(DomainError):
    """Nothing shows that this came from the chat; what was wrong with it is not said."""

    code, title, status = "command-not-proven", "This command is not proven", 401


class TooMany(Conflict):
    code, title, status, retryable = "too-many-requests", "Too many requests", 429, True


def proven(
    endpoint: WebhookEndpoint, headers: Mapping[str, str], body: bytes, fields: Mapping[str, str], at: datetime
) -> None:
    """Keep that this command was heard: it is not heard again.

    Raises Unproven (forged, older than five minutes, or heard before), TooMany, Unavailable (the secret is not here).
    """
    try:
        secret = credentials_of("bearer", endpoint.slash_credential).secret.encode()
    except CredentialMissing as error:
        raise Unavailable(_("The secret of these commands cannot be read here: tell an administrator.")) from error
    is_signed = endpoint.form == Form.SLACK
    key = _signed(secret, headers, body, at) if is_signed else _tokened(secret, fields)
    if SlashCall.objects.filter(endpoint=endpoint, at__gt=at - timedelta(minutes=1)).count() >= MOST_A_MINUTE:
        raise TooMany(_("At most %(most)s commands a minute come from one chat.") % {"most": MOST_A_MINUTE})
    if not once(endpoint, key, at):
        raise _refused()


def once(endpoint: WebhookEndpoint, key: str, at: datetime) -> bool:
    """Whether this is the first time that anybody says so. Whoever comes at the same instant waits. Raises nothing."""
    try:
        with transaction.atomic():
            SlashCall.objects.create(endpoint=endpoint, key=key, at=at)
    except IntegrityError:
        return False
    return True


def _signed(secret: bytes, headers: Mapping[str, str], body: bytes, at: datetime) -> str:
    stamp, said = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not _SECONDS.fullmatch(stamp):
        raise _refused()
    made = hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    is_theirs = hmac.compare_digest(f"v0={made}".encode(), said.encode("utf-8", "replace"))
    if not is_theirs or abs(int(stamp) - at.timestamp()) > WINDOW.total_seconds():
        raise _refused()
    return f"v0={made}"


def _tokened(secret: bytes, fields: Mapping[str, str]) -> str:
    trigger = fields.get("trigger_id", "")
    if not hmac.compare_digest(secret, fields.get("token", "").encode()) or not trigger:
        raise _refused()
    return hashlib.sha256(trigger.encode()).hexdigest()


def _refused() -> Unproven:
    return Unproven(_("Nothing shows that this command comes from the chat, just now and for the first time."))
