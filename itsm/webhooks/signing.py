"""Signatures as Standard Webhooks 1.0 has them, and the secrets that they are made with.

A secret is either a credential that an administrator put into HEADROOM_SECRETS_DIR, or made here: derived from
HEADROOM_SECRET_KEY and a random key of the endpoint, so that it stands nowhere and is shown once.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from itsm.notifications.credentials import CredentialMissing, credentials_of

PREFIX = "whsec_"
_LEAST, _MOST = 24, 64  # bytes


def signed(secrets: list[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers. While secrets rotate, one signature for each of them."""
    stamp = str(int(at.timestamp()))
    said = b".".join((message_id.encode(), stamp.encode(), body))
    made = [base64.b64encode(hmac.digest(secret, said, "sha256")).decode() for secret in secrets]
    signatures = " ".join(f"v1,{one}" for one in made)
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signatures}


def derived(key: str) -> bytes:
    """The secret that belongs to an endpoint's random key. It changes with HEADROOM_SECRET_KEY."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"headroom.webhooks:{key}".encode(), hashlib.sha256)


def written(secret: bytes) -> str:
    """As receivers are told it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def credential(name: str) -> bytes:
    """The secret of this name. CredentialMissing where there is none, or it is none of Standard Webhooks."""
    secret = decoded(credentials_of("bearer", name).secret)
    if not secret:
        raise CredentialMissing(
            _("The credential “%(name)s” is no secret of Standard Webhooks: whsec_ and 24 to 64 bytes in base64.")
            % {"name": name}
        )
    return secret


def decoded(text: str) -> bytes:
    """The bytes of a secret as it is written; b"" where it is none of Standard Webhooks."""
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return secret if _LEAST <= len(secret) <= _MOST else b""
