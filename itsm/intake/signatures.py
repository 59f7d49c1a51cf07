"""Whether bytes were signed by who shares a secret with us: over the raw body, compared in constant time.

GitHub: `X-Hub-Signature-256: sha256=<hex of HMAC-SHA256 of the body>`. Standard Webhooks 1.0: `webhook-signature: v1,
<base64 of HMAC-SHA256 of id.timestamp.body>`, several while secrets rotate, good for five minutes.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
_HUB = re.compile(r"sha256=[0-9a-f]{64}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
MOST_SIGNATURES = 10


def is_hub_signature(said: str) -> bool:
    """Whether it has the shape of one, so that no large body is read for nothing."""
    return _HUB.fullmatch(said) is not None


def hub_signed(secret: bytes, body: bytes, said: str) -> bool:
    made = "sha256=" + hmac.digest(secret, body, "sha256").hex()
    return hmac.compare_digest(made.encode(), said.encode("utf-8", "replace"))


def is_now(stamp: str, at: datetime) -> bool:
    """Whether a timestamp in whole seconds lies within five minutes of `at`, before or after."""
    return _SECONDS.fullmatch(stamp) is not None and abs(int(stamp) - at.timestamp()) <= WINDOW.total_seconds()


def standard_signed(secret: bytes, message_id: str, stamp: str, body: bytes, said: str) -> bool:
    """Whether one of the signatures is ours. Every one is compared, whichever fits."""
    signed = b".".join((message_id.encode("utf-8", "replace"), stamp.encode("utf-8", "replace"), body))
    made = b"v1," + base64.b64encode(hmac.digest(secret, signed, "sha256"))
    fits = [hmac.compare_digest(made, one.encode("utf-8", "replace")) for one in said.split(" ")[:MOST_SIGNATURES]]
    return any(fits)


def same_token(secret: str, said: str) -> bool:
    return hmac.compare_digest(secret.encode(), said.encode("utf-8", "replace"))


def first_that(fits: Iterable[bool]) -> int | None:
    """The place of the first true one; every one was asked, so that none is told by how long it took."""
    found = [place for place, one in enumerate(list(fits)) if one]
    return found[0] if found else None
