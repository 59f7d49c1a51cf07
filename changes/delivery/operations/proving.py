"""Whether a delivery came from its platform: signed over its raw bytes, just now, with a secret of our sources.

What was wrong with one that is not proven is not said. A secret that cannot be read here is our fault (503): the
platform sends again.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from changes.delivery.models import DeliverySource
from changes.delivery.vocabulary import Platform
from itsm.intake import signatures
from itsm.kernel.errors import DomainError, Unavailable
from itsm.notifications.credentials import CredentialMissing
from itsm.webhooks import signing

Headers = Mapping[str, str]
LONGEST_ID = 200


class NotProven(DomainError):
    """Nothing shows that this came from the platform."""

    code, title, status = "delivery-not-proven", "This delivery is not proven", 401


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose delivery it is, by which name it is known there, and what kind of event it says it is."""

    source: DeliverySource
    delivery_id: str
    event: str


def may_be_signed(platform: str, headers: Headers) -> None:
    """Look at the headers alone, before a large body is read. Raises NotProven."""
    hub = signatures.is_hub_signature(headers.get("X-Hub-Signature-256", ""))
    standard = bool(headers.get("webhook-signature") and headers.get("webhook-id"))
    token = platform == Platform.GITLAB and bool(headers.get("X-Gitlab-Token"))
    if not (hub and platform in (Platform.GITHUB, Platform.GENERIC)) and not (
        (standard and platform != Platform.GITHUB) or token
    ):
        raise refused()


def proven(platform: str, headers: Headers, body: bytes, at: datetime, slug: str = "") -> Proven:
    """The source whose secret signed this body. `slug`: of this one alone, else of every live one of the platform.

    Raises NotProven, and Unavailable where no secret can be read here.
    """
    sources = DeliverySource.objects.filter(platform=platform, retired_at=None).select_related("account")
    rows = list(sources.filter(slug=slug) if slug else sources)
    secrets = [(row, secret) for row in rows for secret in _secrets(row, at)]
    if rows and not secrets:
        raise Unavailable(gettext("The secret of these deliveries cannot be read here: tell an administrator."))
    way = _way(headers, body, at)
    place = signatures.first_that(way(secret) for _row, secret in secrets)
    if place is None:
        raise refused()
    source = secrets[place][0]
    if not source.account.is_active:
        raise refused()
    return Proven(source, _id_of(headers, body), headers.get("X-GitHub-Event", "")[:100])


def refused() -> NotProven:
    """One answer for all of it: which part was wrong is told to nobody."""
    return NotProven(gettext("Nothing shows that this delivery comes from its platform, just now."))


def _secrets(source: DeliverySource, at: datetime) -> list[str]:
    try:
        return source.secrets(at)
    except CredentialMissing:
        return []


def _way(headers: Headers, body: bytes, at: datetime) -> Callable[[str], bool]:
    """How this one is proven: by Standard Webhooks where it says so, by GitHub's signature, by GitLab's token."""
    signature, number = headers.get("webhook-signature", ""), headers.get("webhook-id", "")
    if signature and number:
        stamp = headers.get("webhook-timestamp", "")
        if not signatures.is_now(stamp, at):
            raise refused()
        return lambda secret: signatures.standard_signed(_as_bytes(secret), number, stamp, body, signature)
    hub, token = headers.get("X-Hub-Signature-256", ""), headers.get("X-Gitlab-Token", "")
    if hub:
        return lambda secret: signatures.hub_signed(secret.encode(), body, hub)
    return lambda secret: bool(token) and signatures.same_token(secret, token)


def _as_bytes(secret: str) -> bytes:
    """What Standard Webhooks signs with: `whsec_` and base64; of another secret its own bytes."""
    return signing.decoded(secret) or secret.encode()


def _id_of(headers: Headers, body: bytes) -> str:
    """The platform's name of the delivery; of one without, the body's own hash: the same bytes are one delivery."""
    for name in ("webhook-id", "X-GitHub-Delivery", "Idempotency-Key", "X-Gitlab-Event-UUID"):
        if (said := headers.get(name, "").strip()) and len(said) <= LONGEST_ID and said.isprintable():
            return said
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
